// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy from the objects to the packets: policies in, the maps that agent/policy makes of
// them in the kernel, frames judged by the programs. All in both families.
#include <linux/pkt_cls.h>

#include "tests/bpf/policy_packet_fixture.h"
#include "tests/bpf/world.h"
#include "tests/unit/policy/policy_fixture.h"

namespace skiff::testing {
namespace {

class Policies : public PolicyPacketTest {
 protected:
  // The pods of `w` with labels app=pod, app=other, app=remote, all in namespace shop; policies as
  // given.
  void enforce(const World& w, const std::vector<std::string>& policies) {
    policy::Cluster cluster;
    cluster.add_namespace("shop", {{"team", "a"}});
    const std::string ports =
        "{containers: [{name: a, ports: [{name: http, containerPort: 8080}]}]}";
    cluster.add_pod("shop", "pod", w.pod, {{"app", "pod"}}, ports);
    cluster.add_pod("shop", "other", w.other_pod, {{"app", "other"}}, ports);
    cluster.add_pod("shop", "remote", w.remote_pod, {{"app", "remote"}}, ports);
    cluster.add_local("shop", "pod", w.pod);
    cluster.add_local("shop", "other", w.other_pod);
    for (const std::string& spec : policies) cluster.add_policy("shop", spec);
    const Status applied = writer_->apply(cluster.plan());
    ASSERT_TRUE(applied.ok()) << message(applied);
  }
  bool passes(Program program, const Frame& frame, bool from_node = false) {
    auto result = harness().run(program, frame, {.from_node = from_node});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() && result->action != TC_ACT_SHOT;
  }
  // A segment from `a` to `b`, at the hook where it shows up first.
  bool sends(const World& w, const char* a, uint16_t a_port, const char* b, uint16_t b_port,
             uint8_t flags = kSyn) {
    const bool local = std::string_view(a) == w.pod;
    return passes(local ? kFromPod : kFromDevice,
                  PacketBuilder(a, a_port, b, b_port).tcp(flags).build());
  }
  bool sends_udp(const World& w, const char* a, uint16_t a_port, const char* b, uint16_t b_port) {
    const bool local = std::string_view(a) == w.pod;
    return passes(local ? kFromPod : kFromDevice,
                  PacketBuilder(a, a_port, b, b_port).udp().build());
  }
  uint64_t flows() {
    uint64_t count = 0;
    const auto add = [&](const auto&, const auto&) { ++count; };
    EXPECT_TRUE(harness().maps().policy_flows->for_each(add).ok());
    EXPECT_TRUE(harness().maps().new_policy_flows->for_each(add).ok());
    return count;
  }
};

constexpr const char* kDenyIngress = "{podSelector: {matchLabels: {app: pod}}}";
constexpr const char* kDenyBoth =
    "{podSelector: {matchLabels: {app: pod}}, policyTypes: [Ingress, Egress]}";
constexpr const char* kRemoteTo8080 =
    "{podSelector: {matchLabels: {app: pod}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
    "remote}}}], ports: [{port: 8080}]}]}";

TEST_F(Policies, WithoutPolicyNothingIsWrittenDown) {
  for (const World& w : kWorlds) {
    enforce(w, {});
    EXPECT_TRUE(sends(w, w.remote_pod, 40000, w.pod, 8080));
    EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 40000, kSyn | kAck));
  }
  EXPECT_EQ(flows(), 0U);
}

TEST_F(Policies, PodsThatAreNotIsolatedLeaveNoFlows) {
  const World& w = kWorlds[0];
  enforce(w, {"{podSelector: {matchLabels: {app: other}}}"});
  EXPECT_TRUE(sends(w, w.remote_pod, 40000, w.pod, 8080));
  EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 40000, kSyn | kAck));
  EXPECT_EQ(flows(), 0U);
}

TEST_F(Policies, DefaultDenyDropsWithItsReason) {
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    enforce(w, {kDenyBoth});
    EXPECT_FALSE(sends(w, w.remote_pod, 40000, w.pod, 8080));
    EXPECT_EQ(harness().reason("policy_ingress"), 1U);
    EXPECT_FALSE(sends_udp(w, w.pod, 40000, w.outside, 53));
    EXPECT_EQ(harness().reason("policy_egress"), 1U);
    EXPECT_FALSE(
        passes(kFromDevice, PacketBuilder(w.outside, 0, w.pod, 0).echo_request(7).build()));
    EXPECT_FALSE(passes(kFromPod, PacketBuilder(w.pod, 0, w.outside, 0).echo_request(7).build()));
  }
}

TEST_F(Policies, IngressIsJudgedBetweenPodsOfANode) {
  for (const World& w : kWorlds) {
    enforce(w, {"{podSelector: {matchLabels: {app: other}}, ingress: [{from: [{podSelector: "
                "{matchLabels: {app: pod}}}], ports: [{port: http}]}]}"});
    EXPECT_TRUE(sends(w, w.pod, 40000, w.other_pod, 8080)) << "by its name";
    EXPECT_FALSE(sends(w, w.pod, 40000, w.other_pod, 8081));
    EXPECT_FALSE(sends_udp(w, w.pod, 40000, w.other_pod, 8080));
    EXPECT_FALSE(sends(w, w.outside, 40000, w.other_pod, 8080));
  }
}

TEST_F(Policies, AnswersPassBothWays) {
  for (const World& w : kWorlds) {
    enforce(w, {kDenyBoth, kRemoteTo8080});
    EXPECT_TRUE(sends(w, w.remote_pod, 40000, w.pod, 8080));
    EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 40000, kSyn | kAck));
    EXPECT_TRUE(sends(w, w.remote_pod, 40000, w.pod, 8080, kAck));
    EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 40000, kAck | kPsh));
    EXPECT_FALSE(sends(w, w.pod, 8080, w.remote_pod, 40001, kAck)) << "of no flow";
    EXPECT_FALSE(sends(w, w.remote_pod, 40000, w.pod, 9090));

    enforce(w, {kDenyIngress});
    EXPECT_TRUE(sends_udp(w, w.pod, 40000, w.outside, 53));
    EXPECT_TRUE(sends_udp(w, w.outside, 53, w.pod, 40000));
    EXPECT_FALSE(sends_udp(w, w.outside, 53, w.pod, 40001));
  }
}

TEST_F(Policies, PortRangesBlocksAndExceptions) {
  const World& w = kWorlds[0];
  enforce(w, {"{podSelector: {matchLabels: {app: pod}}, policyTypes: [Egress], egress: [{to: "
              "[{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.32/28]}}], ports: [{protocol: "
              "UDP, port: 1000, endPort: 2000}, {protocol: SCTP, port: 7}]}]}"});
  EXPECT_TRUE(sends_udp(w, w.pod, 40000, w.outside, 1000));
  EXPECT_TRUE(sends_udp(w, w.pod, 40000, w.outside, 2000));
  EXPECT_FALSE(sends_udp(w, w.pod, 40000, w.outside, 2001));
  EXPECT_FALSE(sends_udp(w, w.pod, 40000, w.outside, 999));
  EXPECT_FALSE(sends_udp(w, w.pod, 40000, w.endpoint, 1000)) << "an exception";
  EXPECT_FALSE(sends_udp(w, w.pod, 40000, w.stranger, 1000));
  EXPECT_TRUE(passes(kFromPod, PacketBuilder(w.pod, 9, w.outside, 7).sctp().build()));
  EXPECT_FALSE(passes(kFromPod, PacketBuilder(w.pod, 9, w.outside, 8).sctp().build()));
}

TEST_F(Policies, TheNodeIsAlwaysAllowed) {
  for (const World& w : kWorlds) {
    enforce(w, {kDenyBoth});
    const Frame probe = PacketBuilder(w.node, 40000, w.pod, 8080).tcp(kSyn).build();
    EXPECT_TRUE(passes(kToPod, probe, true));
    EXPECT_TRUE(sends(w, w.pod, 8080, w.node, 40000, kSyn | kAck));
    EXPECT_TRUE(sends_udp(w, w.pod, 40000, w.vip, 53)) << "the cluster DNS is the node's own";
    EXPECT_FALSE(sends(w, w.pod, 40000, w.other_node, 10250)) << "another node is not";
    EXPECT_FALSE(passes(kToPod, PacketBuilder(w.other_node, 1, w.pod, 2).tcp(kSyn).build()))
        << "and what the node forwards is judged";
  }
}

TEST_F(Policies, ServicesAreJudgedByTheirBackends) {
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    ASSERT_TRUE(harness()
                    .add_service({.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}})
                    .ok());
    enforce(w, {kDenyBoth,
                "{podSelector: {matchLabels: {app: pod}}, policyTypes: [Egress], egress: "
                "[{to: [{podSelector: {matchLabels: {app: remote}}}], ports: [{port: "
                "8080}]}]}"});
    EXPECT_TRUE(sends(w, w.pod, 40000, w.vip, 80));
    EXPECT_TRUE(sends(w, w.remote_pod, 8080, w.pod, 40000, kSyn | kAck)) << "undone, and known";
    EXPECT_TRUE(sends(w, w.pod, 40000, w.vip, 80, kAck));
    enforce(w, {kDenyBoth,
                "{podSelector: {matchLabels: {app: pod}}, policyTypes: [Egress], egress: "
                "[{ports: [{port: 80}]}]}"});
    EXPECT_FALSE(sends(w, w.pod, 40001, w.vip, 80)) << "the Service's port is not the backend's";
  }
}

TEST_F(Policies, APodReachesItselfThroughAService) {
  for (const World& w : kWorlds) {
    ASSERT_TRUE(harness().reset().ok());
    ASSERT_TRUE(
        harness().add_service({.address = w.vip, .port = 80, .backends = {{w.pod, 8080}}}).ok());
    enforce(w, {kDenyBoth});
    const auto out =
        harness().run(kFromPod, PacketBuilder(w.pod, 40000, w.vip, 80).tcp(kSyn).build());
    ASSERT_TRUE(out.ok());
    ASSERT_EQ(out->action, TC_ACT_REDIRECT) << describe(out->frame);
  }
}

TEST_F(Policies, AFlowThatIsDeniedNowStops) {
  for (const World& w : kWorlds) {
    enforce(w, {kDenyIngress, kRemoteTo8080});
    EXPECT_TRUE(sends(w, w.remote_pod, 41000, w.pod, 8080));
    EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 41000, kSyn | kAck));
    EXPECT_TRUE(sends(w, w.remote_pod, 41000, w.pod, 8080, kAck));
    enforce(w, {kDenyIngress});
    EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 41000, kAck)) << "it may send to anybody";
    EXPECT_FALSE(sends(w, w.remote_pod, 41000, w.pod, 8080, kAck)) << "but hears nothing back";
    enforce(w, {kDenyIngress, kRemoteTo8080});
    EXPECT_TRUE(sends(w, w.remote_pod, 41000, w.pod, 8080, kAck)) << "allowed again";
  }
}

TEST_F(Policies, AStreamThatIsDeniedNowStopsAlsoWhenOnlyAnswersAreSent) {
  const World& w = kWorlds[0];
  const std::string from_remote =
      "{podSelector: {matchLabels: {app: pod}}, ingress: [{from: [{podSelector: {matchLabels: "
      "{app: "
      "remote}}}]}]}";
  enforce(w, {kDenyBoth, from_remote});
  EXPECT_TRUE(sends_udp(w, w.remote_pod, 41000, w.pod, 5000));
  EXPECT_TRUE(sends_udp(w, w.pod, 5000, w.remote_pod, 41000));
  enforce(w, {kDenyBoth});
  EXPECT_FALSE(sends_udp(w, w.pod, 5000, w.remote_pod, 41000));
}

TEST_F(Policies, ConnectionsOlderThanThePolicyAreToldByTheirPorts) {
  for (const World& w : kWorlds) {
    enforce(w, {kDenyIngress});
    EXPECT_TRUE(sends(w, w.pod, 45000, w.remote_pod, 5432, kAck)) << "the pod is the client";
    EXPECT_TRUE(sends(w, w.remote_pod, 5432, w.pod, 45000, kAck));
    EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 45001, kAck)) << "the pod is the server";
    EXPECT_FALSE(sends(w, w.remote_pod, 45001, w.pod, 8080, kAck));
  }
}

TEST_F(Policies, ErrorsAboutFlowsThatPassPass) {
  for (const World& w : kWorlds) {
    enforce(w, {kDenyIngress});
    const Frame sent = PacketBuilder(w.pod, 40000, w.outside, 53).udp().build();
    EXPECT_TRUE(passes(kFromPod, sent));
    const auto error = [&](const Frame& quoted) {
      return passes(kFromDevice, PacketBuilder(w.stranger, 0, w.pod, 0)
                                     .icmp_error(w.v4 ? 3 : 1, w.v4 ? 3 : 4, quoted)
                                     .build());
    };
    EXPECT_TRUE(error(sent));
    EXPECT_FALSE(error(PacketBuilder(w.pod, 40001, w.outside, 53).udp().build()));
  }
}

TEST_F(Policies, AnsweredFlowsMoveOutOfReachOfFloods) {
  const World& w = kWorlds[0];
  enforce(w, {kDenyIngress, kRemoteTo8080});
  uint64_t established = 0;
  const auto count = [&] {
    established = 0;
    EXPECT_TRUE(harness()
                    .maps()
                    .policy_flows->for_each([&](const auto&, const auto&) { ++established; })
                    .ok());
    return established;
  };
  const uint64_t before = count();
  EXPECT_TRUE(sends(w, w.remote_pod, 42000, w.pod, 8080));
  EXPECT_TRUE(sends(w, w.pod, 8080, w.remote_pod, 42000, kSyn | kAck));
  EXPECT_EQ(count(), before);
  EXPECT_TRUE(sends(w, w.remote_pod, 42000, w.pod, 8080, kAck));
  EXPECT_EQ(count(), before + 1);
}

}  // namespace
}  // namespace skiff::testing
