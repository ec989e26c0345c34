// SPDX-License-Identifier: Apache-2.0
#include <linux/pkt_cls.h>

#include <set>

#include "tests/bpf/cases.h"
#include "tests/bpf/packet_fixture.h"

namespace skiff::testing {
namespace {

Verdict verdict_of(int action) {
  if (action == TC_ACT_REDIRECT) return Verdict::kRedirect;
  return action == TC_ACT_SHOT ? Verdict::kDrop : Verdict::kPass;
}

void check_step(Harness& harness, const Step& step) {
  if (step.before) {
    ASSERT_TRUE(step.before(harness).ok());
  }
  const uint64_t before = harness.reason(step.reason);
  const auto result = harness.run(step.program, step.in, step.from_node);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(verdict_of(result->action), step.verdict);
  if (*step.reason != '\0') {
    EXPECT_EQ(harness.reason(step.reason), before + 1) << step.reason;
  }
  if (step.verdict == Verdict::kDrop) return;
  const Frame& expected = step.out.empty() ? step.in : step.out;
  EXPECT_EQ(describe(result->frame), describe(expected));
  EXPECT_EQ(result->frame, expected) << "same text, other bytes";
}

TEST_F(PacketTest, TheTableHolds) {
  for (const Case& test : packet_cases()) {
    ASSERT_TRUE(harness().reset().ok());
    for (const Harness::Service& service : test.services) {
      ASSERT_TRUE(harness().add_service(service).ok());
    }
    for (size_t i = 0; i < test.steps.size(); ++i) {
      SCOPED_TRACE(
          fmt::format("{}, step {}: {}", test.description, i + 1, describe(test.steps[i].in)));
      check_step(harness(), test.steps[i]);
    }
  }
}

// Whoever adds a reason adds the packet that meets it.
TEST(PacketCases, ReachEveryReason) {
  std::set<std::string_view> reached = {"none"};
  // Shown by tests of their own, because they need more than this node: state_test, neighbour_test,
  // policy_test.
  for (const char* elsewhere : {"flow_table_full", "bad_mac", "bad_neighbour", "pod_router",
                                "policy_ingress", "policy_egress"})
    reached.insert(elsewhere);
  // Of the overlay's device, which the tables have not: no test yet.
  for (const char* untested : {"no_peer", "unknown_peer"}) reached.insert(untested);
  for (const Case& test : packet_cases())
    for (const Step& step : test.steps) reached.insert(step.reason);
#define SKIFF_REASON_REACHED(id, label, text) EXPECT_TRUE(reached.contains(label)) << label;
  SKIFF_REASONS(SKIFF_REASON_REACHED)
#undef SKIFF_REASON_REACHED
}

}  // namespace
}  // namespace skiff::testing
