// SPDX-License-Identifier: Apache-2.0
// The proxy's control plane: a full sync of many Services, and one changed endpoint among them.
// Into the kernel's own maps where this process may make them (root), else into maps in memory.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "agent/datapath/datapath.h"
#include "agent/proxy/frontend_writer.h"
#include "agent/proxy/service_plan.h"

namespace skiff::proxy {
namespace {

constexpr int kNodes = 1000;

api::Service service(int number) {
  api::Service service;
  service.metadata.namespace_ = "bench";
  service.metadata.name = "service-" + std::to_string(number);
  service.spec.type = "ClusterIP";
  service.spec.clusterIP =
      IpAddress::v4(0x0a600000 + 100 + static_cast<uint32_t>(number)).to_string();
  service.spec.clusterIPs = {service.spec.clusterIP};
  service.spec.ipFamilies = {"IPv4"};
  service.spec.ports.push_back({.name = "http", .protocol = "TCP", .port = 80});
  return service;
}

SlicePtr slice(int number, int endpoints, int changed = -1) {
  api::EndpointSlice slice;
  slice.addressType = "IPv4";
  api::EndpointSlicePort& port = slice.ports.emplace_back();
  port.name = "http";
  port.protocol = "TCP";
  port.port = 8080;
  for (int i = 0; i < endpoints; ++i) {
    api::Endpoint& endpoint = slice.endpoints.emplace_back();
    const auto offset =
        static_cast<uint32_t>(number * endpoints + i + (i == changed ? 1 << 22 : 0));
    endpoint.addresses = {IpAddress::v4(0x0b000000 + offset).to_string()};
    endpoint.nodeName = "node-" + std::to_string(offset % kNodes);
    endpoint.conditions.ready = endpoint.conditions.serving = true;
    endpoint.conditions.terminating = false;
  }
  return std::make_shared<const api::EndpointSlice>(std::move(slice));
}

// The maps of a node of its own, gone with it.
class Node {
 public:
  Node() {
    if (::geteuid() != 0) return;
    directory_ = "/sys/fs/bpf/skiff-proxy-bench-" + std::to_string(::getpid());
    auto opened = datapath::Datapath::open({.pin_dir = directory_, .cgroup_path = ""});
    if (opened.ok()) datapath_ = std::move(*opened);
  }
  ~Node() {
    datapath_.reset();
    if (!directory_.empty()) (void)datapath::uninstall(directory_);
  }
  datapath::Maps& maps() { return datapath_ ? datapath_->maps() : memory_; }
  const char* label() const { return datapath_ ? "kernel maps" : "maps in memory"; }

 private:
  std::string directory_;
  std::unique_ptr<datapath::Datapath> datapath_;
  datapath::Maps memory_ = datapath::memory_maps();
};

Viewpoint view() {
  return {.node = "node-1", .zone = "", .node_addresses = {}};
}

Status write(FrontendWriter& writer, const api::Service& service, SlicePtr slice) {
  const ServicePlan plan = plan_service(service, std::vector{std::move(slice)}, view());
  return writer.apply(service.metadata.namespace_ + "/" + service.metadata.name, plan.frontends);
}

// Services × endpoints each, from objects in the store to entries in the maps.
void BM_FullSync(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  std::vector<std::pair<api::Service, SlicePtr>> cluster;
  for (int i = 0; i < count; ++i)
    cluster.emplace_back(service(i), slice(i, static_cast<int>(state.range(1))));
  const SystemClock clock;
  for (auto _ : state) {
    state.PauseTiming();
    {
      Node node;
      FrontendWriter writer(node.maps(), clock);
      state.SetLabel(node.label());
      state.ResumeTiming();
      for (const auto& [one, endpoints] : cluster)
        if (!write(writer, one, endpoints).ok()) state.SkipWithError("apply failed");
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  state.counters["endpoints"] = static_cast<double>(state.range(0) * state.range(1));
}
BENCHMARK(BM_FullSync)->Args({5000, 50})->Args({30000, 4})->Unit(benchmark::kMillisecond);

// One endpoint of one Service changes, among `range(0)` Services of 4 endpoints; p99 in
// microseconds.
void BM_OneChange(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  const auto endpoints = static_cast<int>(state.range(1));
  const SystemClock clock;
  Node node;
  FrontendWriter writer(node.maps(), clock);
  state.SetLabel(node.label());
  for (int i = 0; i < count; ++i)
    if (!write(writer, service(i), slice(i, endpoints)).ok()) state.SkipWithError("apply failed");
  std::vector<double> took;
  int turn = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const int number = turn % count;
    const api::Service changed = service(number);
    const SlicePtr after = slice(number, endpoints, turn / count % 2 == 0 ? turn % endpoints : -1);
    ++turn;
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    if (!write(writer, changed, after).ok()) state.SkipWithError("apply failed");
    took.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::sort(took.begin(), took.end());
  state.counters["p50_us"] = took[took.size() / 2];
  state.counters["p99_us"] = took[took.size() * 99 / 100];
}
// Few enough not to use up the slots that rest for a second after each change.
BENCHMARK(BM_OneChange)
    ->Args({5000, 50})
    ->Args({50000, 4})
    ->Iterations(2000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace skiff::proxy
