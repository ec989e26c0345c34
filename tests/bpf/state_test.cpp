// SPDX-License-Identifier: Apache-2.0
// What a table of frames cannot show: chance, affinity, the life of flows.
#include <linux/pkt_cls.h>

#include <set>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/maglev.h"
#include "tests/bpf/packet_fixture.h"

namespace skiff::testing {
namespace {

constexpr const char* kPod = "10.244.0.5";
constexpr const char* kVip = "10.96.0.20";
constexpr const char* kOutside = "203.0.113.9";

class FlowTest : public PacketTest {
 protected:
  // Which address a frame of the pod to the Service was sent on to.
  std::string destination(uint16_t source_port, uint8_t flags = kSyn, uint8_t protocol = 6) {
    PacketBuilder builder(kPod, source_port, kVip, 80);
    const RunResult result =
        run(Program::kFromPod, (protocol == 6 ? builder.tcp(flags) : builder.udp()).build());
    EXPECT_EQ(result.action, TC_ACT_REDIRECT) << describe(result.frame);
    const std::string text = describe(result.frame);
    const size_t start = text.find(" > ") + 3;
    return text.substr(start, text.find(' ', start) - start);
  }
  void answer(const std::string& backend, uint16_t port, uint8_t flags) {
    const RunResult result = run(
        Program::kFromDevice,
        PacketBuilder(backend.substr(0, backend.find(':')), 8080, kPod, port).tcp(flags).build());
    EXPECT_EQ(result.action, TC_ACT_REDIRECT);
  }
  template <class K, class V>
  size_t size(const datapath::Map<K, V>& map) {
    size_t count = 0;
    EXPECT_TRUE(map.for_each([&](const K&, const V&) { ++count; }).ok());
    return count;
  }
  datapath::FlowSweep sweep(std::chrono::nanoseconds now) {
    const auto sweeper = harness().datapath().flow_sweeper();
    EXPECT_TRUE(sweeper.ok()) << sweeper.status();
    const auto swept = sweeper->run(now);
    EXPECT_TRUE(swept.ok()) << swept.status();
    return swept.value_or(datapath::FlowSweep());
  }
  Harness::Service service(uint8_t protocol = 6) {
    return {.address = kVip,
            .port = 80,
            .protocol = protocol,
            .backends = {{"10.244.1.1", 8080},
                         {"10.244.1.2", 8080},
                         {"10.244.1.3", 8080},
                         {"10.244.1.4", 8080},
                         {"10.244.1.5", 8080}}};
  }
};

TEST_F(FlowTest, NewConnectionsSpreadOverAllBackends) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  std::map<std::string, int> hits;
  for (uint16_t port = 20000; port < 21000; ++port) ++hits[destination(port)];
  ASSERT_EQ(hits.size(), 5u);
  for (const auto& [backend, count] : hits) EXPECT_GT(count, 120) << backend;
}

TEST_F(FlowTest, AConnectionKeepsItsBackend) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  const std::string first = destination(20000);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(destination(20000, kAck), first);
}

TEST_F(FlowTest, AffinityFollowsTheClientAndEndsWithItsBackend) {
  Harness::Service sticky = service();
  sticky.affinity_seconds = 600;
  ASSERT_TRUE(harness().add_service(sticky).ok());
  const std::string first = destination(20000);
  for (uint16_t port = 20001; port < 20050; ++port) EXPECT_EQ(destination(port), first);

  const std::string gone = first.substr(0, first.find(':'));
  std::erase_if(sticky.backends, [&](const auto& backend) { return backend.first == gone; });
  sticky.base = 100;
  sticky.generation = 2;
  ASSERT_TRUE(harness().add_service(sticky).ok());
  const std::string second = destination(20050);
  EXPECT_NE(second, first);
  for (uint16_t port = 20051; port < 20060; ++port) EXPECT_EQ(destination(port), second);
}

TEST_F(FlowTest, TcpOutlivesItsBackendUnlessAllThatAreLeftAreKnownUdpDoesNot) {
  for (const uint8_t protocol : {6, 17}) {
    ASSERT_TRUE(harness().reset().ok());
    Harness::Service changing = service(protocol);
    ASSERT_TRUE(harness().add_service(changing).ok());
    const std::string first = destination(20000, kSyn, protocol);

    changing.base = 100;  // another range, the same backends
    changing.generation = 2;
    ASSERT_TRUE(harness().add_service(changing).ok());
    EXPECT_EQ(destination(20000, kAck, protocol), first);

    const std::string gone = first.substr(0, first.find(':'));
    std::erase_if(changing.backends, [&](const auto& backend) { return backend.first == gone; });
    changing.generation = 3;
    ASSERT_TRUE(harness().add_service(changing).ok());
    if (protocol == 6) {
      EXPECT_EQ(destination(20000, kAck, protocol), first);
    } else {
      EXPECT_NE(destination(20000, kAck, protocol), first);
    }
  }
}

// Each time as a node would that has never seen the client.
TEST_F(FlowTest, ClientsOutsideFollowTheMaglevTable) {
  Harness::Service hashed = service();
  hashed.flags = SKIFF_FRONTEND_MAGLEV;
  hashed.maglev_base = 3;
  const auto publish = [&] {
    std::vector<datapath::MaglevBackend> backends;
    for (const auto& [address, port] : hashed.backends) {
      backends.push_back({IpAddress::parse(address).value(), port});
    }
    const auto table = datapath::maglev_table(backends, 509);
    uint32_t block = hashed.maglev_base;
    for (const auto& entries : datapath::maglev_blocks(table)) {
      ASSERT_TRUE(harness().maps().maglev->put(block++, entries).ok());
    }
    hashed.maglev_size = 509;
    ASSERT_TRUE(harness().add_service(hashed).ok());
  };
  const auto served_by = [&](uint16_t port) {
    EXPECT_TRUE(datapath::sync(*harness().maps().new_flows, {}).ok());
    EXPECT_TRUE(datapath::sync(*harness().maps().new_aliases, {}).ok());
    const std::string text = describe(
        run(Program::kFromDevice, PacketBuilder(kOutside, port, kVip, 80).tcp(kSyn).build()).frame);
    const size_t start = text.find(" > ") + 3;
    return text.substr(start, text.find(':', start) - start);
  };
  ASSERT_NO_FATAL_FAILURE(publish());
  std::map<uint16_t, std::string> before;
  std::map<std::string, int> shares;
  for (uint16_t port = 20000; port < 20500; ++port) ++shares[before[port] = served_by(port)];
  ASSERT_EQ(shares.size(), 5u);
  for (const auto& [backend, count] : shares) EXPECT_GT(count, 60) << backend;
  for (const auto& [port, backend] : before) EXPECT_EQ(served_by(port), backend);

  const std::string gone = hashed.backends[2].first;
  hashed.backends.erase(hashed.backends.begin() + 2);
  ASSERT_NO_FATAL_FAILURE(publish());
  int moved = 0;
  for (const auto& [port, backend] : before) moved += backend != gone && served_by(port) != backend;
  EXPECT_LT(moved, 40) << "of 400 whose backend stayed";
}

// Also pods, whom no hash binds to a backend: each entry of the table has the same chance.
TEST_F(FlowTest, ChanceFollowsTheTableOfWeights) {
  Harness::Service weighted = service();
  std::vector<datapath::MaglevBackend> backends;
  for (const auto& [address, port] : weighted.backends)
    backends.push_back({IpAddress::parse(address).value(), port, 0});
  backends[0].weight = 900;
  backends[1].weight = 100;
  uint32_t block = 40;
  for (const auto& entries : datapath::maglev_blocks(datapath::maglev_table(backends, 251)))
    ASSERT_TRUE(harness().maps().maglev->put(block++, entries).ok());
  weighted.maglev_base = 40;
  weighted.maglev_size = 251;
  ASSERT_TRUE(harness().add_service(weighted).ok());
  std::map<std::string, int> shares;
  for (uint16_t port = 20000; port < 20400; ++port) ++shares[destination(port)];
  EXPECT_EQ(shares.size(), 2u) << "those without weight get nobody";
  EXPECT_NEAR(shares["10.244.1.1:8080"], 360, 36) << "six standard deviations";
}

TEST_F(FlowTest, AffinityEndsWithItsTime) {
  Harness::Service sticky = service();
  sticky.affinity_seconds = 60;
  ASSERT_TRUE(harness().add_service(sticky).ok());
  const auto rest = [&](std::chrono::seconds silence) {
    auto& table = *harness().maps().affinity;
    datapath::AffinityKey client = {};
    datapath::Affinity entry = {};
    ASSERT_TRUE(table
                    .for_each([&](const auto& key, const auto& value) {
                      client = key;
                      entry = value;
                    })
                    .ok());
    entry.last_used_ns =
        static_cast<uint64_t>((datapath::monotonic_now() - silence) / std::chrono::nanoseconds(1));
    ASSERT_TRUE(table.put(client, entry).ok());
  };
  std::string last = destination(20000);
  std::set<std::string> later;
  for (uint16_t port = 20001; port < 20040; ++port) {
    rest(std::chrono::seconds(50));
    EXPECT_EQ(destination(port), last) << "within the time, which each use begins anew";
  }
  for (uint16_t port = 20040; port < 20080; ++port) {
    rest(std::chrono::seconds(61));
    later.insert(destination(port));
  }
  EXPECT_EQ(later.size(), 5u);
}

TEST_F(FlowTest, AHandshakeMakesAFlowEstablished) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  const std::string backend = destination(20000);
  EXPECT_EQ(size(*harness().maps().flows), 0u);
  answer(backend, 20000, kSyn | kAck);
  EXPECT_EQ(size(*harness().maps().flows), 0u) << "anybody can provoke an answer";
  EXPECT_EQ(destination(20000, kAck), backend);
  EXPECT_EQ(size(*harness().maps().flows), 1u);
  EXPECT_EQ(size(*harness().maps().aliases), 1u);
  EXPECT_EQ(size(*harness().maps().new_flows), 0u);
  EXPECT_EQ(size(*harness().maps().new_aliases), 0u);
}

TEST_F(FlowTest, AFloodOfSynsEvictsNoEstablishedFlow) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  const std::string backend = destination(20000);
  answer(backend, 20000, kSyn | kAck);
  ASSERT_EQ(destination(20000, kAck), backend);
  for (uint32_t i = 0; i < 20000; ++i) {
    ASSERT_TRUE(
        harness()
            .run(Program::kFromPod,
                 PacketBuilder(kPod, static_cast<uint16_t>(20001 + i), kVip, 80).tcp(kSyn).build())
            .ok());
  }
  EXPECT_EQ(destination(20000, kAck), backend);
  EXPECT_EQ(size(*harness().maps().flows), 1u);
}

// Of its client's segments only those that begin or end it are looked at.
TEST_F(FlowTest, AConnectionToAPodsOwnAddressIsEstablishedWhenItsServerGoesOn) {
  const PacketBuilder asks(kOutside, 5000, kPod, 8080), answers(kPod, 8080, kOutside, 5000);
  run(Program::kFromDevice, PacketBuilder(asks).tcp(kSyn).build());
  run(Program::kToDevice, PacketBuilder(answers).tcp(kSyn | kAck).build());
  run(Program::kFromDevice, PacketBuilder(asks).tcp(kAck).build());
  EXPECT_EQ(size(*harness().maps().flows), 0u);
  run(Program::kToDevice, PacketBuilder(answers).tcp(kAck).build());
  EXPECT_EQ(size(*harness().maps().flows), 1u);
  EXPECT_EQ(size(*harness().maps().new_flows), 0u);
}

TEST_F(FlowTest, ANewSynOnAClosedFlowIsANewConnection) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  std::set<std::string> chosen;
  for (int i = 0; i < 40; ++i) {
    const std::string backend = destination(20000);
    chosen.insert(backend);
    answer(backend, 20000, kSyn | kAck);
    destination(20000, kAck);
    answer(backend, 20000, kRst | kAck);
  }
  EXPECT_GT(chosen.size(), 1u);
  EXPECT_EQ(size(*harness().maps().flows) + size(*harness().maps().new_flows), 1u);
}

TEST_F(FlowTest, TwoServicesWithOneBackendDoNotShareATuple) {
  const Harness::Service one = {.address = kVip, .port = 80, .backends = {{"10.244.1.1", 8080}}};
  const Harness::Service other = {
      .address = "10.96.0.21", .port = 80, .backends = {{"10.244.1.1", 8080}}, .id = 2};
  ASSERT_TRUE(harness().add_service(one).ok() && harness().add_service(other).ok());
  run(Program::kFromPod, PacketBuilder(kPod, 20000, kVip, 80).tcp(kSyn).build());
  const RunResult second =
      run(Program::kFromPod, PacketBuilder(kPod, 20000, "10.96.0.21", 80).tcp(kSyn).build());
  EXPECT_TRUE(describe(second.frame).starts_with("10.244.0.5:61000 > 10.244.1.1:8080"))
      << describe(second.frame);
  const RunResult reply =
      run(Program::kFromDevice,
          PacketBuilder("10.244.1.1", 8080, kPod, 61000).tcp(kSyn | kAck).build());
  EXPECT_TRUE(describe(reply.frame).starts_with("10.96.0.21:80 > 10.244.0.5:20000"))
      << describe(reply.frame);
}

TEST_F(FlowTest, ReservedPortsAreNotTakenForTranslation) {
  const Frame frame = PacketBuilder(kPod, 20000, kOutside, 443).tcp(kSyn).build();
  ASSERT_TRUE(harness().maps().reserved_ports->put(61000 / 64, 1ull << (61000 % 64)).ok());
  EXPECT_EQ(run(Program::kToDevice, frame).action, TC_ACT_SHOT);
  EXPECT_EQ(harness().reason("no_snat_port"), 1u);
  ASSERT_TRUE(harness().maps().reserved_ports->put(61000 / 64, 0).ok());
  EXPECT_NE(run(Program::kToDevice, frame).action, TC_ACT_SHOT);
}

TEST_F(FlowTest, TheSweepRemovesWhatIsSilentAndKeepsTheRest) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  for (const uint16_t port : {20000, 20001}) {
    const std::string backend = destination(port);
    answer(backend, port, kSyn | kAck);
    destination(port, kAck);
    if (port == 20001) answer(backend, port, kRst | kAck);
  }
  using std::chrono::seconds;
  const auto now = datapath::monotonic_now();
  EXPECT_EQ(sweep(now).alive, 2u);
  const auto later = sweep(now + seconds(60));
  EXPECT_EQ(later.removed, 1u);  // the one that was reset
  EXPECT_EQ(later.alive, 1u);
  EXPECT_EQ(size(*harness().maps().aliases), 1u);
  EXPECT_EQ(sweep(now + seconds(3 * 3600)).removed, 1u);
  EXPECT_EQ(size(*harness().maps().aliases), 0u);
}

// How long a flow of `protocol` with `flags` is kept that says nothing any more.
struct Silence {
  const char* description;
  uint8_t protocol;
  uint32_t flags;
  std::chrono::seconds allowed;
};

TEST_F(FlowTest, HowLongAFlowMayBeSilentDependsOnWhatItSaidLast) {
  using std::chrono::seconds;
  constexpr uint32_t kBothFins = SKIFF_FLOW_FIN_FORWARD | SKIFF_FLOW_FIN_REPLY;
  for (const Silence& test : {Silence{"open TCP", 6, 0, seconds(7440)},
                              {"TCP closed on one side", 6, SKIFF_FLOW_FIN_REPLY, seconds(3600)},
                              {"TCP closed on both sides", 6, kBothFins, seconds(10)},
                              {"TCP reset", 6, SKIFF_FLOW_RESET, seconds(10)},
                              {"UDP", 17, 0, seconds(120)},
                              {"SCTP", 132, 0, seconds(300)},
                              {"echo", 1, 0, seconds(30)}}) {
    SCOPED_TRACE(test.description);
    datapath::Flow flow = {};
    flow.flags = test.flags;
    flow.last_seen_ns = 1000;
    flow.original.protocol = flow.translated.protocol = test.protocol;
    ASSERT_TRUE(harness().maps().flows->put(flow.translated, flow).ok());
    const std::chrono::nanoseconds last_seen{1000};
    EXPECT_EQ(sweep(last_seen + test.allowed).removed, 0u);
    EXPECT_EQ(sweep(last_seen + test.allowed + seconds(1)).removed, 1u);
  }
}

TEST_F(FlowTest, HowLongAFlowOfAnIsolatedPodMayBeSilentToo) {
  using std::chrono::seconds;
  constexpr uint32_t kBothFins = SKIFF_POLICY_FLOW_FIN_FORWARD | SKIFF_POLICY_FLOW_FIN_REPLY;
  for (const Silence& test :
       {Silence{"open TCP", 6, 0, seconds(7440)},
        {"TCP closed on one side", 6, SKIFF_POLICY_FLOW_FIN_FORWARD, seconds(3600)},
        {"TCP closed on both sides", 6, kBothFins, seconds(10)},
        {"TCP that is denied now", 6, SKIFF_POLICY_FLOW_DENIED, seconds(120)},
        {"UDP", 17, 0, seconds(120)},
        {"echo", 58, 0, seconds(30)}}) {
    SCOPED_TRACE(test.description);
    const datapath::Tuple key = {.protocol = test.protocol};
    ASSERT_TRUE(
        harness()
            .maps()
            .policy_flows->put(key, {.last_seen_ns = 1000, .generation = 1, .flags = test.flags})
            .ok());
    const std::chrono::nanoseconds last_seen{1000};
    EXPECT_EQ(sweep(last_seen + test.allowed).policy_removed, 0u);
    EXPECT_EQ(sweep(last_seen + test.allowed + seconds(1)).policy_removed, 1u);
  }
}

// Two flows of one client port, one after the other: the alias is the younger one's.
TEST_F(FlowTest, AnAliasThatLeadsElsewhereStays) {
  datapath::Flow old = {};
  old.original.protocol = old.translated.protocol = 17;
  old.original.source_port = old.translated.source_port = 7;
  datapath::Tuple younger = old.translated;
  younger.source_port = 8;
  ASSERT_TRUE(harness().maps().flows->put(old.translated, old).ok());
  ASSERT_TRUE(harness().maps().aliases->put(old.original, {younger}).ok());
  EXPECT_EQ(sweep(std::chrono::hours(1)).removed, 1u);
  EXPECT_EQ(size(*harness().maps().aliases), 1u);
}

TEST_F(FlowTest, AServiceCountsItsConnectionsRefusalsAndBytes) {
  const auto used = [&] {
    return harness().maps().service_counters->get(1).value().value_or(datapath::ServiceCounter{});
  };
  ASSERT_TRUE(harness().add_service(service()).ok());
  const std::string backend = destination(20000);
  answer(backend, 20000, kSyn | kAck);
  destination(20000, kAck);
  EXPECT_EQ(used().connections, 1u);
  EXPECT_EQ(used().bytes[0], 0u) << "a second late";
  answer(backend, 20000, kRst | kAck);
  EXPECT_GT(used().bytes[0], 0u) << "but not once the connection is over";
  EXPECT_GT(used().bytes[1], 0u);
  EXPECT_NE(used().last_used_ns, 0u);

  Harness::Service empty = service();
  empty.backends.clear();
  ASSERT_TRUE(harness().add_service(empty).ok());
  run(Program::kFromPod, PacketBuilder(kPod, 20002, kVip, 80).tcp(kSyn).build());
  EXPECT_EQ(used().refused, 1u);
  EXPECT_EQ(used().connections, 1u);
}

TEST_F(FlowTest, WhatASilentFlowHasMovedIsCountedWhenItIsSwept) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  const std::string backend = destination(20000);
  answer(backend, 20000, kSyn | kAck);
  destination(20000, kAck);
  EXPECT_EQ(sweep(datapath::monotonic_now() + std::chrono::hours(3)).removed, 1u);
  const auto use = harness().maps().service_counters->get(1).value();
  ASSERT_TRUE(use);
  EXPECT_EQ(use->bytes[0], 2 * use->bytes[1]) << "two segments forward, one back";
}

TEST_F(FlowTest, FlowsCountPacketsOfBothDirections) {
  ASSERT_TRUE(harness().add_service(service()).ok());
  const std::string backend = destination(20000);
  answer(backend, 20000, kSyn | kAck);
  destination(20000, kAck);
  answer(backend, 20000, kAck);
  answer(backend, 20000, kAck);
  const auto& flows = harness().maps().flows;
  ASSERT_EQ(flows->count().value(), 1u);
  ASSERT_TRUE(flows
                  ->for_each([](const datapath::Tuple&, const datapath::Flow& flow) {
                    EXPECT_EQ(flow.packets[0], 2u);
                    EXPECT_EQ(flow.packets[1], 3u);
                    EXPECT_EQ(flow.bytes[1], 3u * 54);
                    EXPECT_EQ(flow.service_id, 1u);
                  })
                  .ok());
}

}  // namespace
}  // namespace skiff::testing
