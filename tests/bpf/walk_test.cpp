// SPDX-License-Identifier: Apache-2.0
// Packets followed over two nodes, on one segment and across the overlay, and their answers back.
#include "tests/bpf/walk.h"

#include <gtest/gtest.h>

namespace skiff::testing {
namespace {

class WalkTest : public ::testing::TestWithParam<std::tuple<bool, Way>> {
 public:
  static void SetUpTestSuite() {
    if (const auto reason = isolate_process()) {
      unavailable_ = *reason;
      return;
    }
    auto made = TwoNodes::create();
    ASSERT_TRUE(made.ok()) << made.status();
    nodes_ = std::move(*made);
  }
  static void TearDownTestSuite() { nodes_.reset(); }

 protected:
  void SetUp() override {
    if (nodes_ == nullptr) GTEST_SKIP() << unavailable_;
    const Status reset = nodes_->reset(std::get<Way>(GetParam()));
    ASSERT_TRUE(reset.ok()) << reset;
  }
  // Node A of the walk is the tables' node, node B the other: w.remote_pod is B's.
  Harness& a() { return nodes_->a(); }
  Harness& b() { return nodes_->b(); }
  Walk send(const Builder& frame) { return Walk(*nodes_, frame); }
  void serve(Harness::Service service) {
    for (const uint8_t protocol : {6, 17}) {
      service.protocol = protocol;
      ASSERT_TRUE(nodes_->add_service(service).ok());
    }
  }
  const World& w = std::get<bool>(GetParam()) ? kWorlds[0] : kWorlds[1];

 private:
  inline static std::unique_ptr<TwoNodes> nodes_;
  inline static std::string unavailable_;
};

// A segment or a datagram, by what it carries.
Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport,
            uint8_t flags = kSyn) {
  return Builder(from, sport, to, dport).tcp(flags);
}
Builder udp(const char* from, uint16_t sport, const char* to, uint16_t dport) {
  return Builder(from, sport, to, dport).udp().payload("hello");
}
// From a pod of node B, whose neighbour check wants its MAC address.
Builder from_b(Builder builder) {
  datapath::MacAddress mac = Harness::kPodMac, gateway = Harness::kPodGatewayMac;
  mac[1] = gateway[1] = 1;
  return builder.macs(gateway, mac);
}

TEST_P(WalkTest, PodToPod) {
  send(tcp(w.pod, 40000, w.remote_pod, 8080))
      .at(a(), kFromPod, kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080))
      .cross(a(), b(), kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080));
  send(from_b(tcp(w.remote_pod, 8080, w.pod, 40000, kSyn | kAck)))
      .at(b(), kFromPod, kRedirect, tcp(w.remote_pod, 8080, w.pod, 40000, kSyn | kAck))
      .cross(b(), a(), kRedirect, tcp(w.remote_pod, 8080, w.pod, 40000, kSyn | kAck));
}

TEST_P(WalkTest, PodToClusterIpAndTheAnswerBack) {
  serve({.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}});
  for (const uint8_t flags : {kSyn, kAck}) {
    send(tcp(w.pod, 40000, w.vip, 80, flags))
        .at(a(), kFromPod, kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080, flags))
        .cross(a(), b(), kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080, flags));
    send(from_b(tcp(w.remote_pod, 8080, w.pod, 40000, kAck)))
        .at(b(), kFromPod, kRedirect, tcp(w.remote_pod, 8080, w.pod, 40000, kAck))
        .cross(b(), a(), kRedirect, tcp(w.vip, 80, w.pod, 40000, kAck));
  }
  send(udp(w.pod, 40000, w.vip, 80))
      .at(a(), kFromPod, kRedirect, udp(w.pod, 40000, w.remote_pod, 8080))
      .cross(a(), b(), kRedirect, udp(w.pod, 40000, w.remote_pod, 8080));
  send(from_b(udp(w.remote_pod, 8080, w.pod, 40000)))
      .at(b(), kFromPod, kRedirect, udp(w.remote_pod, 8080, w.pod, 40000))
      .cross(b(), a(), kRedirect, udp(w.vip, 80, w.pod, 40000));
}

TEST_P(WalkTest, OutsideToNodePortOfANodeWithoutBackend) {
  serve({.port = 30080, .backends = {{w.remote_pod, 8080}}});
  for (const uint8_t flags : {kSyn, kAck}) {
    send(tcp(w.outside, 5000, w.node, 30080, flags))
        .at(a(), kFromDevice, kRedirect, tcp(w.node, 61000, w.remote_pod, 8080, flags))
        .cross(a(), b(), kRedirect, tcp(w.node, 61000, w.remote_pod, 8080, flags));
    send(from_b(tcp(w.remote_pod, 8080, w.node, 61000, kAck)))
        .at(b(), kFromPod, kRedirect, tcp(w.remote_pod, 8080, w.node, 61000, kAck))
        .cross(b(), a(), kRedirect, tcp(w.node, 30080, w.outside, 5000, kAck))
        .at(a(), kToDevice, kPass, tcp(w.node, 30080, w.outside, 5000, kAck));
  }
  send(udp(w.outside, 5001, w.node, 30080))
      .at(a(), kFromDevice, kRedirect, udp(w.node, 61000, w.remote_pod, 8080))
      .cross(a(), b(), kRedirect, udp(w.node, 61000, w.remote_pod, 8080));
  send(from_b(udp(w.remote_pod, 8080, w.node, 61000)))
      .at(b(), kFromPod, kRedirect, udp(w.remote_pod, 8080, w.node, 61000))
      .cross(b(), a(), kRedirect, udp(w.node, 30080, w.outside, 5001));
}

// The answer takes the shortest way: node A, which was asked, does not see it.
TEST_P(WalkTest, OutsideToANodePortThatTheBackendsNodeAnswers) {
  serve({.port = 30080, .backends = {{w.remote_pod, 8080}}, .flags = SKIFF_FRONTEND_DSR});
  for (const uint8_t flags : {kSyn, kAck, static_cast<uint8_t>(kAck | kFin)}) {
    send(tcp(w.outside, 5000, w.node, 30080, flags))
        .at(a(), kFromDevice, kRedirect, tcp(w.outside, 5000, w.node, 30080, flags))
        .carry(b(), kRedirect, tcp(w.outside, 5000, w.remote_pod, 8080, flags));
    send(from_b(tcp(w.remote_pod, 8080, w.outside, 5000, kAck)))
        .at(b(), kFromPod, kRedirect, tcp(w.node, 30080, w.outside, 5000, kAck))
        .at(b(), kToDevice, kPass, tcp(w.node, 30080, w.outside, 5000, kAck));
  }
  for (int i = 0; i < 2; ++i) {
    send(udp(w.outside, 5001, w.node, 30080))
        .at(a(), kFromDevice, kRedirect, udp(w.outside, 5001, w.node, 30080))
        .carry(b(), kRedirect, udp(w.outside, 5001, w.remote_pod, 8080));
    send(from_b(udp(w.remote_pod, 8080, w.outside, 5001)))
        .at(b(), kFromPod, kRedirect, udp(w.node, 30080, w.outside, 5001));
  }
  // What the network says about the answer comes to the node that was asked.
  const auto too_big = [&](const char* from, const char* to, const Builder& quoted) {
    return Builder(from, 0, to, 0).icmp_error(w.v4 ? 3 : 2, w.v4 ? 4 : 0, quoted.build(), 1300);
  };
  const Builder found =
      too_big(w.stranger, w.remote_pod, tcp(w.remote_pod, 8080, w.outside, 5000, kAck));
  send(too_big(w.stranger, w.node, tcp(w.node, 30080, w.outside, 5000, kAck)))
      .at(a(), kFromDevice, kRedirect, found)
      .cross(a(), b(), kRedirect, found);
}

// A node that has no endpoint left answers for itself.
TEST_P(WalkTest, WhatIsCarriedInVainIsRefusedThere) {
  const Harness::Service service{
      .port = 30080, .backends = {{w.remote_pod, 8080}}, .flags = SKIFF_FRONTEND_DSR};
  ASSERT_TRUE(a().add_service(service).ok());
  send(tcp(w.outside, 5000, w.node, 30080))
      .at(a(), kFromDevice, kRedirect, tcp(w.outside, 5000, w.node, 30080))
      .carry(b(), kRedirect,
             Builder(w.node, 30080, w.outside, 5000).tcp(kRst | kAck, 0, 1001).dont_fragment());
  EXPECT_EQ(b().reason("unknown_service_port"), 1u);
}

TEST_P(WalkTest, PodToTheNodePortOfTheOtherNode) {
  serve({.port = 30080, .backends = {{w.remote_pod, 8080}}});
  send(tcp(w.pod, 40000, w.other_node, 30080))
      .at(a(), kFromPod, kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080))
      .cross(a(), b(), kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080));
  send(from_b(tcp(w.remote_pod, 8080, w.pod, 40000, kSyn | kAck)))
      .at(b(), kFromPod, kRedirect, tcp(w.remote_pod, 8080, w.pod, 40000, kSyn | kAck))
      .cross(b(), a(), kRedirect, tcp(w.other_node, 30080, w.pod, 40000, kSyn | kAck));
}

TEST_P(WalkTest, ErrorsFindTheirWayBack) {
  serve({.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}});
  serve({.port = 30080, .backends = {{w.remote_pod, 8080}}, .id = 2});
  const auto error = [&](const char* from, const char* to, const Builder& quoted) {
    return Builder(from, 0, to, 0).icmp_error(w.v4 ? 3 : 1, w.v4 ? 3 : 4, quoted.build());
  };
  send(tcp(w.pod, 40000, w.vip, 80))
      .at(a(), kFromPod, kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080));
  const Builder about_pod = error(w.remote_pod, w.pod, tcp(w.pod, 40000, w.remote_pod, 8080));
  send(from_b(about_pod))
      .at(b(), kFromPod, kRedirect, about_pod)
      .cross(b(), a(), kRedirect, error(w.vip, w.pod, tcp(w.pod, 40000, w.vip, 80)));
  send(tcp(w.outside, 5000, w.node, 30080))
      .at(a(), kFromDevice, kRedirect, tcp(w.node, 61000, w.remote_pod, 8080));
  const Builder about_node = error(w.remote_pod, w.node, tcp(w.node, 61000, w.remote_pod, 8080));
  send(from_b(about_node))
      .at(b(), kFromPod, kRedirect, about_node)
      .cross(b(), a(), kRedirect, error(w.node, w.outside, tcp(w.outside, 5000, w.node, 30080)));
}

TEST_P(WalkTest, FragmentsToANodePort) {
  serve({.port = 30080, .backends = {{w.remote_pod, 8080}}});
  const auto first = [](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return Builder(from, sport, to, dport).udp().payload("12345678abcdefgh").fragment(9, 0, true);
  };
  const auto rest = [](const char* from, const char* to) {
    return Builder(from, 0, to, 0).udp().payload("the rest").fragment(9, 24, false);
  };
  send(first(w.outside, 5000, w.node, 30080))
      .at(a(), kFromDevice, kRedirect, first(w.node, 61000, w.remote_pod, 8080))
      .cross(a(), b(), kRedirect, first(w.node, 61000, w.remote_pod, 8080));
  send(rest(w.outside, w.node))
      .at(a(), kFromDevice, kRedirect, rest(w.node, w.remote_pod))
      .cross(a(), b(), kRedirect, rest(w.node, w.remote_pod));
}

// Each node asks its own pods' policies alone.
TEST_P(WalkTest, TheNodeOfTheBackendJudgesWhatComesIn) {
  serve({.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}});
  datapath::PodPolicy closed = {};
  closed.side[SKIFF_POLICY_INGRESS] = {
      .table = 1, .others = SKIFF_PORTS_NONE, .flags = SKIFF_POLICY_ISOLATED};
  ASSERT_TRUE(
      b().maps()
          .pod_policies->put(datapath::to_abi(IpAddress::parse(w.remote_pod).value()), closed)
          .ok());
  ASSERT_TRUE(b().maps().policy_state->put(0, {.pods = 1, .generation = 1}).ok());
  const bool direct = std::get<Way>(GetParam()) == Way::kDirect;
  send(tcp(w.pod, 40000, w.vip, 80))
      .at(a(), kFromPod, kRedirect, tcp(w.pod, 40000, w.remote_pod, 8080))
      .dropped(b(), direct ? kFromDevice : kFromOverlay, "policy_ingress");
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<bool, Way>>& info) {
  const auto [v4, way] = info.param;
  return fmt::format("{}{}", v4 ? "V4" : "V6",
                     way == Way::kDirect      ? "Direct"
                     : way == Way::kOverlayV4 ? "OverV4"
                                              : "OverV6");
}

INSTANTIATE_TEST_SUITE_P(, WalkTest,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(Way::kDirect, Way::kOverlayV4,
                                                              Way::kOverlayV6)),
                         name_of);

}  // namespace
}  // namespace skiff::testing
