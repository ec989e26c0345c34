// SPDX-License-Identifier: Apache-2.0
// A packet followed through the kernel's own points, between two pods: in order, through netfilter
// and translations that are not ours, to its end; and nothing left when nobody follows.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/path.h"
#include "agent/datapath/trace.h"
#include "tests/bpf/live_network.h"
#include "tests/builders/packet_builder.h"

namespace skiff::testing {
namespace {

using datapath::Datapath;
using ::testing::IsSubsetOf;

constexpr uint16_t kPort = 5353;

const char* label_of(uint32_t point) {
  static constexpr const char* kLabels[] = {
#define SKIFF_POINT_NAME(id, label, text) #id,
      SKIFF_POINTS(SKIFF_POINT_NAME)
#undef SKIFF_POINT_NAME
  };
  return point < SKIFF_POINT_COUNT ? kLabels[point] : "?";
}

// Programs of the object path that are loaded on this machine.
int loaded_path_programs() {
  return static_cast<int>(datapath::loaded_programs("skiff_path").size());
}

// The kernel frees a program some moments after its last link.
bool falls_to(int count) {
  for (int i = 0; i < 1000 && loaded_path_programs() != count; ++i) ::usleep(10000);
  return loaded_path_programs() == count;
}

// A map of the object path that was loaded last.
class OwnMap {
 public:
  explicit OwnMap(std::string_view name) {
    for (uint32_t id = 0; ::bpf_map_get_next_id(id, &id) == 0;) {
      UniqueFd map(::bpf_map_get_fd_by_id(id));
      bpf_map_info about{};
      uint32_t length = sizeof(about);
      if (!map || ::bpf_obj_get_info_by_fd(map.get(), &about, &length) != 0 || name != about.name)
        continue;
      map_ = std::move(map);
      about_ = about;
    }
  }
  bool is_array() const { return about_.type == BPF_MAP_TYPE_ARRAY; }
  uint32_t size() const { return about_.max_entries; }
  void put(uint32_t at, uint32_t value) {
    EXPECT_EQ(::bpf_map_update_elem(map_.get(), &at, &value, BPF_ANY), 0);
  }
  uint32_t get(uint32_t at) const {
    uint32_t value = 0;
    EXPECT_EQ(::bpf_map_lookup_elem(map_.get(), &at, &value), 0);
    return value;
  }

 private:
  UniqueFd map_;
  bpf_map_info about_{};
};

class PathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = isolate_process()) GTEST_SKIP() << *reason;
    // Other tests of this program have left this thread in a node of theirs.
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    auto network = LiveNetwork::create();
    ASSERT_TRUE(network.ok()) << network.status();
    network_ = std::move(*network);
    options_.pin_dir = test_pin_dir("path");
    auto opened = Datapath::open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    datapath_ = std::move(*opened);
    ASSERT_TRUE(network_->attach(*datapath_).ok());
    maps_ = datapath::open_trace_maps(options_.pin_dir).value();
    for (int i = 0; i < 2; ++i) {
      const uint64_t cookie = network_->pod(i).netns.run(datapath::netns_cookie).value();
      cookies_[i] = cookie;
      ASSERT_TRUE(maps_.pod_namespaces
                      ->put(cookie, {.ifindex = static_cast<uint32_t>(network_->pod(i).ifindex)})
                      .ok());
    }
    ring_ = datapath::Ring::open(options_.pin_dir, "tap_events", [this](std::string_view bytes) {
              skiff_tap_event event;
              std::memcpy(&event, bytes.data(), sizeof(event));
              events_.push_back(event);
            }).value();
  }
  void TearDown() override {
    points_.reset();
    datapath_.reset();
    if (network_) EXPECT_TRUE(datapath::uninstall(options_.pin_dir).ok());
  }

  void follow(uint8_t protocol, uint16_t port, skiff_tap_filter* filter = nullptr) {
    std::vector<datapath::PathPoints::Enter> pods;
    for (int i = 0; i < 2; ++i)
      pods.push_back([this, i](const std::function<Status()>& work) {
        return network_->pod(i).netns.run(work);
      });
    auto points = datapath::PathPoints::attach(options_.pin_dir, pods);
    ASSERT_TRUE(points.ok()) << points.status();
    points_ = std::move(*points);
    skiff_tap tap{};
    tap.until_ns =
        static_cast<uint64_t>((datapath::monotonic_now() + std::chrono::hours(1)).count());
    tap.budget = 100000;
    tap.protocol = protocol;
    tap.destination_port = datapath::port_be(port);
    tap.flags = SKIFF_TAP_BOTH_WAYS | (filter != nullptr ? SKIFF_TAP_FILTER : 0);
    if (filter != nullptr) ASSERT_TRUE(maps_.tap_filters->put(0, *filter).ok());
    ASSERT_TRUE(maps_.taps->put(0, tap).ok());
    ASSERT_TRUE(maps_.control
                    ->put(0, {.taps_until_ns = tap.until_ns,
                              .stack_until_ns = 0,
                              .filtered = filter != nullptr ? 1U : 0U})
                    .ok());
  }
  bool has_netfilter() const { return points_->coverage().netfilter_namespaces == 3; }

  // Events of the packet to `port` that was sent first, in order: "NAME@pod0".
  std::vector<std::string> way_of(uint16_t port) {
    EXPECT_TRUE(ring_->consume().ok());
    std::vector<std::string> way;
    uint64_t packet = 0;
    for (const skiff_tap_event& event : events_) {
      if (event.header.hook != SKIFF_HOOK_OTHER) {
        if (datapath::port_of(event.before.destination_port) == port)
          way.push_back(fmt::format("HOOK {}", event.header.hook));
        continue;
      }
      if (packet == 0 && datapath::port_of(event.before.destination_port) == port)
        packet = event.packet;
      if (event.packet != packet) continue;
      const char* where = event.header.netns_cookie == cookies_[0]   ? "pod0"
                          : event.header.netns_cookie == cookies_[1] ? "pod1"
                                                                     : "node";
      way.push_back(fmt::format("{}@{}", label_of(event.point), where));
    }
    return way;
  }
  const skiff_tap_event* event_at(uint32_t point) const {
    for (const skiff_tap_event& event : events_)
      if (event.point == point) return &event;
    return nullptr;
  }
  std::string nft(int pod, const std::string& rules) {
    const std::string path =
        fmt::format("/proc/{}/fd/{}", ::getpid(), network_->pod(pod).netns.fd());
    const std::string command =
        fmt::format("printf '{}' | nsenter --net={} nft -f - 2>&1", rules, path);
    FILE* pipe = ::popen(command.c_str(), "r");
    char text[512] = {};
    const size_t size = std::fread(text, 1, sizeof(text) - 1, pipe);
    return ::pclose(pipe) == 0 ? "" : std::string(text, size) + "?";
  }

  datapath::DatapathOptions options_;
  std::unique_ptr<LiveNetwork> network_;
  std::unique_ptr<Datapath> datapath_;
  std::unique_ptr<datapath::PathPoints> points_;
  datapath::TraceMaps maps_;
  std::unique_ptr<datapath::Ring> ring_;
  std::vector<skiff_tap_event> events_;
  uint64_t cookies_[2] = {};
};

// Where a datagram ends is not asked for: kernels copy small ones past every tracepoint. Reads of
// segments: tests/integration/cluster/capture_test.py.
TEST_F(PathTest, ADatagramIsSeenAllTheWayToItsSocket) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, kPort));
  const auto server =
      Server::start(network_->pod(1).netns, Transport::kUdp, kPort, "server").value();
  for (const bool v4 : {true, false}) {
    events_.clear();
    auto client =
        Client::open(network_->pod(0).netns, Transport::kUdp, network_->pod(1).address(v4), kPort);
    ASSERT_TRUE(client.ok()) << client.status();
    ASSERT_TRUE(client->send("hello").ok());
    ASSERT_TRUE(client->receive().ok());
    const std::vector<std::string> way = way_of(kPort);
    std::vector<std::string> wanted = {"DEVICE_QUEUE@pod0", "DEVICE_SEND@pod0", "BACKLOG@node",
                                       "RECEIVED@node", "HOOK 1"};
    if (has_netfilter())
      for (const char* end : {"FIRST", "LAST"})
        for (const char* hook :
             {"OUTPUT@pod0", "POSTROUTING@pod0", "PREROUTING@pod1", "INPUT@pod1"})
          wanted.push_back(fmt::format("NETFILTER_{}_{}", end, hook));
    EXPECT_THAT(wanted, IsSubsetOf(way));
    // In the order of the way, not of a list.
    const auto at = [&](const std::string& name) {
      return std::ranges::find(way, name) - way.begin();
    };
    EXPECT_LT(at("DEVICE_QUEUE@pod0"), at("RECEIVED@node"));
    EXPECT_LT(at("RECEIVED@node"), at("HOOK 1"));
    if (has_netfilter())
      EXPECT_LT(at("NETFILTER_LAST_OUTPUT@pod0"), at("NETFILTER_FIRST_INPUT@pod1"));
  }
}

TEST_F(PathTest, IsFollowedThroughATranslationThatIsNotOurs) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, 53));
  if (!has_netfilter()) GTEST_SKIP() << points_->coverage().netfilter_problem;
  ASSERT_EQ(nft(0,
                "table ip nat { chain out { type nat hook output priority -100; "
                "udp dport 53 dnat to 10.244.0.6:5353; }; }"),
            "");
  const auto server =
      Server::start(network_->pod(1).netns, Transport::kUdp, kPort, "server").value();
  auto client = Client::open(network_->pod(0).netns, Transport::kUdp,
                             IpAddress::parse("203.0.113.53").value(), 53);
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE(client->send("hello").ok());
  ASSERT_TRUE(client->receive().ok());
  const std::vector<std::string> way = way_of(53);
  EXPECT_THAT((std::vector<std::string>{"NETFILTER_LAST_OUTPUT@pod0", "RECEIVED@node",
                                        "NETFILTER_LAST_INPUT@pod1"}),
              IsSubsetOf(way));
  const skiff_tap_event* translated = event_at(SKIFF_POINT_NETFILTER_LAST_OUTPUT);
  ASSERT_NE(translated, nullptr);
  EXPECT_EQ(datapath::port_of(translated->before.destination_port), 53);
  EXPECT_EQ(datapath::port_of(translated->after.destination_port), kPort);
}

TEST_F(PathTest, EndsWithTheReasonWhereNetfilterDropsIt) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, kPort));
  if (!has_netfilter()) GTEST_SKIP() << points_->coverage().netfilter_problem;
  ASSERT_EQ(nft(1,
                "table ip filter { chain in { type filter hook input priority 0; "
                "udp dport 5353 drop; }; }"),
            "");
  auto client = Client::open(network_->pod(0).netns, Transport::kUdp, network_->pod(1).v4, kPort);
  ASSERT_TRUE(client.ok() && client->send("hello").ok());
  const std::vector<std::string> way = way_of(kPort);
  ASSERT_GE(way.size(), 2U);
  EXPECT_EQ(way[way.size() - 2], "NETFILTER_FIRST_INPUT@pod1");
  EXPECT_EQ(way.back(), "DROPPED@pod1");
  const skiff_tap_event* drop = event_at(SKIFF_POINT_DROPPED);
  ASSERT_NE(drop, nullptr);
  EXPECT_EQ(datapath::kernel_drop_reasons()[drop->reason], "NETFILTER_DROP");
  EXPECT_NE(drop->location, 0U);
  EXPECT_EQ(drop->verdict, SKIFF_VERDICT_KERNEL);
}

TEST_F(PathTest, ASegmentForNobodyIsAnsweredWithAReset) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_TCP, 81));
  EXPECT_FALSE(Client::open(network_->pod(0).netns, Transport::kTcp, network_->pod(1).v4, 81).ok());
  const std::vector<std::string> way = way_of(81);
  EXPECT_THAT((std::vector<std::string>{"DEVICE_QUEUE@pod0", "RESET@pod1"}), IsSubsetOf(way));
}

// The counter of nesting that stood here before was its processor's: a program that was preempted,
// or moved, left it wrong, and after four times the processor told nothing any more.
TEST_F(PathTest, ProgramsThatWerePreemptedKeepTheirRoomsAndStopNobody) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, kPort));
  OwnMap rooms("path_rooms");
  ASSERT_TRUE(rooms.is_array() && OwnMap("tap_scratch").is_array());
  constexpr uint32_t kOfAProcessor = 8;
  const auto server =
      Server::start(network_->pod(1).netns, Transport::kUdp, kPort, "server").value();
  const auto told = [&] {
    events_.clear();
    EXPECT_TRUE(ask(network_->pod(0).netns, Transport::kUdp, network_->pod(1).v4, kPort).ok());
    return way_of(kPort).size();
  };
  const size_t usual = told();
  for (uint32_t room = 0; room < rooms.size(); ++room)
    EXPECT_EQ(rooms.get(room), 0U) << "nobody gave back room " << room;
  for (uint32_t room = 0; room < rooms.size(); ++room)
    rooms.put(room, room % kOfAProcessor < kOfAProcessor / 2 ? 1 : 0);
  EXPECT_EQ(told(), usual);
  for (uint32_t room = 0; room < rooms.size(); ++room) rooms.put(room, 1);
  const uint64_t lost = datapath::read_trace_losses(options_.pin_dir)->tap.limited;
  EXPECT_LT(told(), usual);
  EXPECT_EQ(event_at(SKIFF_POINT_DEVICE_QUEUE), nullptr);
  EXPECT_GT(datapath::read_trace_losses(options_.pin_dir)->tap.limited, lost);
}

// Told by where its bytes were alone, an overlay's packet was once any that had been there before.
TEST_F(PathTest, InsideAnOverlayItIsThePacketThatIsFollowed) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, kPort));
  constexpr uint16_t kOverlay = 4789;
  const auto server =
      Server::start(network_->pod(1).netns, Transport::kUdp, kOverlay, "server").value();
  auto client =
      Client::open(network_->pod(0).netns, Transport::kUdp, network_->pod(1).v4, kOverlay);
  ASSERT_TRUE(client.ok()) << client.status();
  const auto carry = [&](const char* from, uint16_t port) {
    const Frame inner = PacketBuilder(from, port - 1, "10.1.0.2", port).udp().build();
    std::string datagram(8, '\0');  // VXLAN
    datagram.append(inner.begin(), inner.end());
    EXPECT_TRUE(client->send(datagram).ok());
    EXPECT_TRUE(client->receive().ok());
    EXPECT_TRUE(ring_->consume().ok());
  };
  carry("10.1.0.1", kPort);
  const skiff_tap_event* sent = event_at(SKIFF_POINT_DEVICE_SEND);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->wrapped, 1U);
  EXPECT_EQ(datapath::port_of(sent->before.destination_port), kPort);
  EXPECT_EQ(datapath::from_abi(sent->before.source).to_string(), "10.1.0.1");
  EXPECT_EQ(datapath::port_of(sent->after.destination_port), kOverlay);
  events_.clear();
  for (int i = 0; i < 100; ++i) carry("10.1.0.3", kPort + 100);
  // Its own end may come late: a processor gives memory back when it next receives.
  std::erase_if(events_, [](const auto& event) { return event.point == SKIFF_POINT_CONSUMED; });
  EXPECT_TRUE(events_.empty()) << events_.size();
}

// What a server that comes late reads, in one go, after both texts were sent.
std::string read_late(Client& client, int listener) {
  const int yes = 1;
  ::setsockopt(client.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  EXPECT_TRUE(client.send("one").ok());
  EXPECT_TRUE(client.send("three").ok());
  const UniqueFd accepted(::accept(listener, nullptr, nullptr));
  char text[16] = {};
  const ssize_t got = ::recv(accepted.get(), text, 8, MSG_WAITALL);
  return {text, got > 0 ? static_cast<size_t>(got) : 0};
}

// Two segments that wait for their reader become one packet there, the first's: what is read of it,
// and that the other has bytes at all, says that both were.
TEST_F(PathTest, AReadSaysHowFarItReached) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_TCP, kPort));
  const net::Netns& there = network_->pod(1).netns;
  const auto listener = there.run([]() -> Result<UniqueFd> {
    UniqueFd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = datapath::port_be(kPort)};
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)), 0);
    EXPECT_EQ(::listen(socket.get(), 4), 0);
    return socket;
  });
  ASSERT_TRUE(listener.ok());
  for (const bool v4 : {true, false}) {
    events_.clear();
    auto client =
        Client::open(network_->pod(0).netns, Transport::kTcp, network_->pod(1).address(v4), kPort);
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ(read_late(*client, listener->get()), "onethree");
    ASSERT_TRUE(ring_->consume().ok());
    std::map<uint32_t, uint32_t> segments;  // sequence number -> bytes read from there on
    for (const skiff_tap_event& event : events_) {
      if (event.point == SKIFF_POINT_RECEIVED && event.header.payload != 0)
        segments.emplace(event.tcp_sequence, 0);
      if (event.point == SKIFF_POINT_READ) segments[event.tcp_sequence] += event.reason;
    }
    ASSERT_EQ(segments.size(), 2U);
    const auto first = *segments.begin(), second = *segments.rbegin();
    EXPECT_EQ(second.first - first.first, 3U);
    EXPECT_EQ(first.second, 8U) << "kernels may leave them two: " << second.second;
  }
}

TEST_F(PathTest, OthersPacketsAreNotTold) {
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, 9999));
  const auto server =
      Server::start(network_->pod(1).netns, Transport::kUdp, kPort, "server").value();
  ASSERT_TRUE(ask(network_->pod(0).netns, Transport::kUdp, network_->pod(1).v4, kPort).ok());
  ASSERT_TRUE(ring_->consume().ok());
  EXPECT_TRUE(events_.empty());
}

TEST_F(PathTest, AFilterOfTcpdumpsLooksAtPacketsWithoutEthernetHeader) {
  // `udp dst port 5353`, IPv4 without options.
  skiff_tap_filter filter{.count = 4, .pad = 0, .instructions = {}};
  filter.instructions[0] = {0x28, 0, 0, 36};
  filter.instructions[1] = {0x15, 0, 1, kPort};
  filter.instructions[2] = {0x06, 0, 0, 65535};
  filter.instructions[3] = {0x06, 0, 0, 0};
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, 0, &filter));
  const auto server =
      Server::start(network_->pod(1).netns, Transport::kUdp, kPort, "server").value();
  const auto other = Server::start(network_->pod(1).netns, Transport::kUdp, 53, "other").value();
  ASSERT_TRUE(ask(network_->pod(0).netns, Transport::kUdp, network_->pod(1).v4, 53).ok());
  ASSERT_TRUE(ask(network_->pod(0).netns, Transport::kUdp, network_->pod(1).v4, kPort).ok());
  EXPECT_THAT((std::vector<std::string>{"DEVICE_QUEUE@pod0", "RECEIVED@node", "HOOK 1"}),
              IsSubsetOf(way_of(kPort)));
  for (const skiff_tap_event& event : events_)
    EXPECT_EQ(datapath::port_of(event.before.destination_port), kPort);
}

TEST_F(PathTest, NothingStaysWhenNobodyFollows) {
  const int before = loaded_path_programs();
  ASSERT_NO_FATAL_FAILURE(follow(IPPROTO_UDP, kPort));
  EXPECT_GT(loaded_path_programs(), before);
  points_.reset();
  EXPECT_TRUE(falls_to(before));
}

TEST_F(PathTest, NothingStaysWhenTheAgentIsKilled) {
  const int before = loaded_path_programs();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto points = datapath::PathPoints::attach(options_.pin_dir, {});
    const char sign = points.ok() ? '1' : '0';
    (void)!::write(ready[1], &sign, 1);
    ::pause();
  }
  char sign = 0;
  ASSERT_EQ(::read(ready[0], &sign, 1), 1);
  EXPECT_EQ(sign, '1');
  EXPECT_GT(loaded_path_programs(), before);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(falls_to(before));
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace skiff::testing
