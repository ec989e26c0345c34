// SPDX-License-Identifier: Apache-2.0
// --policy-deny-response=reject: what a policy denies is answered.
#include <linux/pkt_cls.h>

#include "tests/bpf/packet_fixture.h"
#include "tests/bpf/world.h"

namespace skiff::testing {
namespace {

class PolicyReject : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (isolate_process()) return;
    auto made = Harness::create({.policy_rejects = true});
    ASSERT_TRUE(made.ok()) << made.status();
    harness_ = std::move(*made);
  }
  static void TearDownTestSuite() { harness_.reset(); }

 protected:
  void SetUp() override {
    if (harness_ == nullptr) GTEST_SKIP() << "needs root";
    ASSERT_TRUE(harness_->reset().ok());
  }
  // Nobody may talk to the pod in this direction.
  void isolate(const char* pod, skiff_policy_direction direction) {
    datapath::PodPolicy policy = {};
    policy.side[direction] = {
        .table = 1, .others = SKIFF_PORTS_NONE, .flags = SKIFF_POLICY_ISOLATED};
    datapath::Maps& maps = harness_->maps();
    ASSERT_TRUE(
        maps.pod_policies->put(datapath::to_abi(IpAddress::parse(pod).value()), policy).ok());
    ASSERT_TRUE(maps.policy_state->put(0, {.pods = 1, .generation = 1}).ok());
  }
  void expect_answer(Program program, const Frame& in, const Frame& out, const char* reason) {
    const uint64_t before = harness_->reason(reason);
    const auto result = harness_->run(program, in);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->action, TC_ACT_REDIRECT) << describe(in);
    EXPECT_EQ(describe(result->frame), describe(out));
    EXPECT_EQ(result->frame, out) << "same text, other bytes";
    EXPECT_EQ(harness_->reason(reason), before + 1);
  }
  static Frame reset(const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return back(Builder(from, sport, to, dport).tcp(kRst | kAck, 0, 1001).dont_fragment()).build();
  }
  static Frame prohibited(const World& w, const char* from, const char* to, const Frame& about) {
    return back(Builder(from, 0, to, 0)
                    .dont_fragment()
                    .icmp_error(w.v4 ? 3 : 1, w.v4 ? 13 : 1, about))
        .build();
  }

  inline static std::unique_ptr<Harness> harness_;
};

TEST_F(PolicyReject, ConnectionsAreReset) {
  for (const World& w : kWorlds) {
    isolate(w.pod, SKIFF_POLICY_INGRESS);
    expect_answer(kFromDevice, Builder(w.remote_pod, 40000, w.pod, 8080).tcp(kSyn).build(),
                  reset(w.pod, 8080, w.remote_pod, 40000), "policy_ingress");
    isolate(w.pod, SKIFF_POLICY_EGRESS);
    expect_answer(kFromPod, Builder(w.pod, 40000, w.remote_pod, 8080).tcp(kSyn).build(),
                  reset(w.remote_pod, 8080, w.pod, 40000), "policy_egress");
  }
}

TEST_F(PolicyReject, DatagramsAndEchosAreProhibited) {
  for (const World& w : kWorlds) {
    isolate(w.pod, SKIFF_POLICY_EGRESS);
    const Frame datagram = Builder(w.pod, 40000, w.outside, 53).udp().payload("hello").build();
    expect_answer(kFromPod, datagram, prohibited(w, w.outside, w.pod, datagram), "policy_egress");
    const Frame echo = Builder(w.pod, 0, w.outside, 0).echo_request(7).build();
    expect_answer(kFromPod, echo, prohibited(w, w.outside, w.pod, echo), "policy_egress");
  }
}

TEST_F(PolicyReject, WhoAskedAServiceIsAnsweredByTheService) {
  for (const World& w : kWorlds) {
    isolate(w.other_pod, SKIFF_POLICY_INGRESS);
    ASSERT_TRUE(harness_
                    ->add_service({.address = w.vip,
                                   .port = 80,
                                   .backends = {{w.other_pod, 8080}},
                                   .id = w.v4 ? 1u : 2u,
                                   .base = w.v4 ? 0u : 10u})
                    .ok());
    expect_answer(kFromPod, Builder(w.pod, 40000, w.vip, 80).tcp(kSyn).build(),
                  reset(w.vip, 80, w.pod, 40000), "policy_ingress");
  }
}

TEST_F(PolicyReject, AlsoWhatTheStackForwardsToAPod) {
  for (const World& w : kWorlds) {
    isolate(w.pod, SKIFF_POLICY_INGRESS);
    expect_answer(kToPod, Builder(w.remote_pod, 40000, w.pod, 8080).tcp(kSyn).build(),
                  reset(w.pod, 8080, w.remote_pod, 40000), "policy_ingress");
  }
}

TEST_F(PolicyReject, AResetIsNotAnswered) {
  for (const World& w : kWorlds) {
    isolate(w.pod, SKIFF_POLICY_INGRESS);
    const auto result = harness_->run(
        kFromDevice, Builder(w.remote_pod, 40000, w.pod, 8080).tcp(kRst | kAck).build());
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->action, TC_ACT_SHOT);
    EXPECT_EQ(harness_->reason("policy_ingress"), w.v4 ? 1u : 2u);
  }
}

}  // namespace
}  // namespace skiff::testing
