// SPDX-License-Identifier: Apache-2.0
// Clients outside that are carried to their backend's node: what becomes of them when the node they
// ask has forgotten them, and what it remembers of those who only pretend. And what the driver's
// program leaves to others.
#include <linux/pkt_cls.h>

#include <set>

#include "tests/bpf/carried.h"
#include "tests/bpf/packet_fixture.h"

namespace skiff::testing {
namespace {

class CarryTest : public PacketTest {
 protected:
  Harness::Service service(const World& w, uint32_t affinity_seconds = 0) {
    Harness::Service service{
        .port = 30080, .affinity_seconds = affinity_seconds, .flags = SKIFF_FRONTEND_DSR};
    for (uint16_t port = 8080; port < 8088; ++port) service.backends.push_back({w.far_pod, port});
    return service;
  }
  // The frame that goes across for this one: its first bytes name the backend, those after them its
  // slot, which only the first packet of a flow has.
  Frame carried_as(const World& w, uint16_t port, uint8_t flags = kSyn) {
    const RunResult result =
        run(kFromDevice, PacketBuilder(w.outside, port, w.node, 30080).tcp(flags).build());
    EXPECT_EQ(result.action, TC_ACT_REDIRECT);
    return {result.frame.begin(), result.frame.begin() + 6};
  }
  template <class K, class V>
  static size_t size(const datapath::Map<K, V>& map) {
    size_t count = 0;
    EXPECT_TRUE(map.for_each([&](const K&, const V&) { ++count; }).ok());
    return count;
  }
  void forget_flows() {
    EXPECT_TRUE(datapath::sync(*harness().maps().new_flows, {}).ok());
    EXPECT_TRUE(datapath::sync(*harness().maps().new_aliases, {}).ok());
  }
};

TEST_F(CarryTest, AClientWhoseFlowIsLostIsCarriedToTheSameBackend) {
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    ASSERT_TRUE(harness().add_service(service(w)).ok());
    std::set<Frame> backends;
    for (uint16_t port = 20000; port < 20040; ++port) {
      const Frame first = carried_as(w, port);
      forget_flows();
      EXPECT_EQ(first, carried_as(w, port, kAck)) << port;
      backends.insert(first);
    }
    EXPECT_GE(backends.size(), 6u);
  }
}

TEST_F(CarryTest, AffinityIsThatOfTheNodeThatIsAsked) {
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    ASSERT_TRUE(harness().add_service(service(w, 600)).ok());
    std::set<Frame> backends;
    for (uint16_t port = 20000; port < 20020; ++port) backends.insert(carried_as(w, port));
    EXPECT_EQ(backends.size(), 1u);
  }
}

// Nobody has to get an answer to send a second packet.
TEST_F(CarryTest, WhatIsCarriedFillsNoTableOfEstablishedFlows) {
  const World& w = kWorlds[0];
  ASSERT_TRUE(harness().add_service(service(w)).ok());
  for (const uint8_t flags : {kSyn, kAck, kAck}) carried_as(w, 20000, flags);
  EXPECT_EQ(size(*harness().maps().flows), 0u);
  EXPECT_EQ(size(*harness().maps().aliases), 0u);
  EXPECT_EQ(size(*harness().maps().new_flows), 1u);
}

TEST_F(CarryTest, PortsThatAreUsedAgainAreANewConnection) {
  const World& w = kWorlds[0];
  ASSERT_TRUE(harness().add_service(service(w)).ok());
  const auto packets = [&] {
    uint64_t count = 0;
    EXPECT_TRUE(harness()
                    .maps()
                    .new_flows
                    ->for_each([&](const datapath::Tuple&, const datapath::Flow& flow) {
                      count += flow.packets[0];
                    })
                    .ok());
    return count;
  };
  for (const uint8_t flags : {kSyn, kAck, static_cast<uint8_t>(kAck | kFin), kAck})
    carried_as(w, 20000, flags);
  EXPECT_GE(packets(), 4u);
  carried_as(w, 20000);
  EXPECT_LE(packets(), 2u);  // each run reads what is around the packet in a second one
}

// Its sum is made of what the packet says where the device finds it: rewriting it here spoils it.
TEST_F(CarryTest, TheDriverLeavesAChecksumThatIsLeftToTheDevice) {
  if (!harness().has_express()) GTEST_SKIP() << "this kernel does not take the XDP program";
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    ASSERT_TRUE(
        harness()
            .add_service({.port = 30080, .protocol = 17, .backends = {{w.remote_pod, 8080}}})
            .ok());
    const Builder asks = Builder(w.outside, 5000, w.node, 30080).udp().payload("hello");
    run(kFromDevice, asks.build());
    run(kFromDevice, Builder(w.remote_pod, 8080, w.node, 61000).udp().payload("hello").build());
    const uint64_t before = harness().express_packets();
    ASSERT_TRUE(harness().run_express(asks.build()).ok());
    EXPECT_EQ(harness().express_packets(), before + 1);
    ASSERT_TRUE(harness().run_express(Builder(asks).offloaded().build()).ok());
    EXPECT_EQ(harness().express_packets(), before + 1);
  }
}

}  // namespace
}  // namespace skiff::testing
