// SPDX-License-Identifier: Apache-2.0
// What tracing costs: always (accounting, against programs without it), and while somebody looks.
// Packets a program sees: nanoseconds the kernel reports. Packets over the wire between two pods:
// datagrams into a full socket, and a stream, with and without.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <thread>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/path.h"
#include "tests/bpf/live_network.h"
#include "tests/bpf/trace_cost.h"

namespace skiff::testing {
namespace {

constexpr uint32_t kRepeat = 20000;
constexpr int kRounds = 200;
constexpr uint16_t kPort = 5353;

// Null, with the reason in `state`, where there is none.
TraceCost* node_of(benchmark::State& state, bool traced) {
  static std::string reason;
  static const auto make = [](bool with) -> std::unique_ptr<TraceCost> {
    if (const auto unavailable = isolate_process()) {
      reason = *unavailable;
      return nullptr;
    }
    auto made = TraceCost::create(with);
    if (!made.ok()) reason = message(made.status());
    return made.ok() ? std::move(*made) : nullptr;
  };
  static const std::unique_ptr<TraceCost> nodes[] = {make(false), make(true)};
  TraceCost* node = nodes[traced ? 1 : 0].get();
  if (node == nullptr) state.SkipWithError(reason.c_str());
  return node;
}

void run_packet(benchmark::State& state, bool traced, bool service, TraceCost::Tap tap) {
  TraceCost* node = node_of(state, traced);
  if (node == nullptr || !node->tap(tap).ok()) return;
  // Events fill the ring: few at a time, so that each finds room.
  const bool events = tap != TraceCost::Tap::kNone && tap != TraceCost::Tap::kOthers;
  const uint32_t repeat = events ? 1000 : kRepeat;
  uint32_t best = ~0U;  // what a loaded machine cannot lengthen
  for (auto _ : state) {
    const auto took = service ? node->translated(repeat) : node->untranslated(repeat);
    if (!took.ok()) return state.SkipWithError("run failed");
    state.SetIterationTime(*took * 1e-9);
    best = std::min(best, *took);
  }
  state.counters["best_ns"] = best;
  (void)node->tap(TraceCost::Tap::kNone);
}

// Two pods and the programs between them.
struct Wire {
  std::unique_ptr<LiveNetwork> network;
  std::unique_ptr<datapath::Datapath> datapath;
  datapath::DatapathOptions options;
  datapath::TraceMaps maps;
  UniqueFd sink, sender;

  // The programs are exchanged at their hooks.
  Status open(bool traced) {
    options.trace = traced;
    datapath.reset();
    ASSIGN_OR_RETURN(datapath, datapath::Datapath::open(options));
    RETURN_IF_ERROR(network->attach(*datapath));
    ASSIGN_OR_RETURN(maps, datapath::open_trace_maps(options.pin_dir));
    for (int i = 0; i < 2; ++i) {
      ASSIGN_OR_RETURN(const uint64_t cookie, network->pod(i).netns.run(datapath::netns_cookie));
      RETURN_IF_ERROR(maps.pod_namespaces->put(cookie, {}));
    }
    return {};
  }
  static Result<std::unique_ptr<Wire>> make() {
    if (const auto unavailable = isolate_process()) return unimplemented("{}", *unavailable);
    if (::unshare(CLONE_NEWNET) < 0) return errno_status(errno, "make a node");
    auto wire = std::make_unique<Wire>();
    ASSIGN_OR_RETURN(wire->network, LiveNetwork::create());
    wire->options.pin_dir = test_pin_dir("wire");
    RETURN_IF_ERROR(wire->open(true));
    const auto socket_in = [](const Host& host) -> Result<UniqueFd> {
      return host.netns.run([]() -> Result<UniqueFd> {
        return UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      });
    };
    ASSIGN_OR_RETURN(wire->sink, socket_in(wire->network->pod(1)));
    ASSIGN_OR_RETURN(wire->sender, socket_in(wire->network->pod(0)));
    const int small = 1;  // it is full at once: what is measured is the way there
    ::setsockopt(wire->sink.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(kPort), .sin_addr = {}, .sin_zero = {}};
    if (::bind(wire->sink.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) < 0)
      return errno_status(errno, "bind");
    to.sin_addr.s_addr = htonl(wire->network->pod(1).v4.v4_host_order());
    if (::connect(wire->sender.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) < 0)
      return errno_status(errno, "connect");
    return wire;
  }
  ~Wire() {
    datapath.reset();
    (void)datapath::uninstall(options.pin_dir);
  }
};

Wire* wire_of(benchmark::State& state) {
  static std::string reason;
  static const std::unique_ptr<Wire> wire = []() -> std::unique_ptr<Wire> {
    auto made = Wire::make();
    if (!made.ok()) reason = message(made.status());
    return made.ok() ? std::move(*made) : nullptr;
  }();
  if (wire == nullptr) state.SkipWithError(reason.c_str());
  return wire.get();
}

enum class Follow { kNobody, kOthers, kThese };

// A datagram from pod to pod, while the kernel's points are attached or not.
void run_datagrams(benchmark::State& state, bool traced, Follow follow) {
  Wire* wire = wire_of(state);
  if (wire == nullptr || !wire->open(traced).ok()) return;
  std::unique_ptr<datapath::PathPoints> points;
  skiff_trace_control control{};
  if (follow != Follow::kNobody) {
    std::vector<datapath::PathPoints::Enter> pods;
    for (int i = 0; i < 2; ++i)
      pods.push_back([wire, i](const std::function<Status()>& work) {
        return wire->network->pod(i).netns.run(work);
      });
    auto attached = datapath::PathPoints::attach(wire->options.pin_dir, pods);
    if (!attached.ok()) return state.SkipWithError(message(attached.status()).data());
    points = std::move(*attached);
    control.taps_until_ns =
        static_cast<uint64_t>((datapath::monotonic_now() + std::chrono::hours(1)).count());
    const skiff_tap tap{
        .until_ns = control.taps_until_ns,
        .budget = INT64_MAX,
        .destination_port = datapath::port_be(follow == Follow::kThese ? kPort : 9)};
    (void)wire->maps.taps->put(0, tap);
  }
  (void)wire->maps.control->put(0, control);
  const auto ring =
      datapath::Ring::open(wire->options.pin_dir, "tap_events", [](std::string_view) {});
  uint64_t sent = 0;
  for (auto _ : state) {
    if (::send(wire->sender.get(), "ping", 4, 0) < 0) return state.SkipWithError("send failed");
    if (follow == Follow::kThese && ring.ok() && ++sent % 64 == 0) (void)(*ring)->consume();
  }
  (void)wire->maps.control->put(0, {});
}

// Bytes a second of one stream, with and without tracing in turns: the ratio is what counts.
void run_stream(benchmark::State& state) {
  Wire* wire = wire_of(state);
  if (wire == nullptr) return;
  auto server = Server::start(wire->network->pod(1).netns, Transport::kTcp, kPort, "echo");
  if (!server.ok()) return state.SkipWithError("no server");
  const std::string block(64 * 1024, 'x');
  const auto rate = [&](bool traced) -> double {
    if (!wire->open(traced).ok()) return 0;
    auto client =
        Client::open(wire->network->pod(0).netns, Transport::kTcp, wire->network->pod(1).v4, kPort);
    if (!client.ok()) return 0;
    std::atomic<bool> stop{false};
    std::thread reader([&] {
      std::string sunk(1 << 16, '\0');
      while (!stop && ::recv(client->fd(), sunk.data(), sunk.size(), 0) > 0) {
      }
    });
    const auto begun = std::chrono::steady_clock::now();
    uint64_t bytes = 0;
    while (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(300)) {
      const ssize_t sent = ::send(client->fd(), block.data(), block.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes += static_cast<uint64_t>(sent);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    stop = true;
    ::shutdown(client->fd(), SHUT_RDWR);
    reader.join();
    return static_cast<double>(bytes) / took.count();
  };
  std::vector<double> ratios;
  double fastest = 0;
  for (auto _ : state) {
    const double plain = rate(false), traced = rate(true);
    if (plain > 0) ratios.push_back(traced / plain);
    fastest = std::max(fastest, plain);
  }
  std::ranges::sort(ratios);
  if (!ratios.empty()) state.counters["traced/plain"] = ratios[ratios.size() / 2];
  state.counters["Gbit/s"] = fastest * 8e-9;
}

const bool registered = [] {
  using Tap = TraceCost::Tap;
  const auto packet = [](const char* name, bool traced, bool service, Tap tap) {
    benchmark::RegisterBenchmark(
        name, [=](benchmark::State& state) { run_packet(state, traced, service, tap); })
        ->UseManualTime()
        ->Iterations(kRounds);
  };
  packet("account/untranslated without", false, false, Tap::kNone);
  packet("account/untranslated with", true, false, Tap::kNone);
  packet("account/translated without", false, true, Tap::kNone);
  packet("account/translated with", true, true, Tap::kNone);
  packet("tap/of others", true, false, Tap::kOthers);
  packet("tap/of these", true, false, Tap::kThese);
  packet("tap/of these, 128 bytes", true, false, Tap::kTheseWithBytes);
  packet("tap/tcpdump's filter refuses", true, false, Tap::kFilterRefuses);
  packet("tap/tcpdump's filter accepts", true, false, Tap::kFilterAccepts);
  benchmark::RegisterBenchmark("datagram/without tracing", run_datagrams, false, Follow::kNobody);
  benchmark::RegisterBenchmark("datagram/traced", run_datagrams, true, Follow::kNobody);
  benchmark::RegisterBenchmark("datagram/others followed", run_datagrams, true, Follow::kOthers);
  benchmark::RegisterBenchmark("datagram/these followed", run_datagrams, true, Follow::kThese);
  benchmark::RegisterBenchmark("stream", run_stream)->Iterations(40)->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace skiff::testing
