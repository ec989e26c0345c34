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

// `express`: a device's driver sees frames before the stack does.
void check_step(Harness& harness, const Step& step, bool express) {
  if (step.before) {
    ASSERT_TRUE(step.before(harness).ok());
  }
  const uint64_t before = harness.reason(step.reason), all = harness.all_reasons();
  const auto result = express && step.program == Program::kFromDevice
                          ? harness.run_express(step.in, step.arrival())
                          : harness.run(step.program, step.in, step.arrival());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(verdict_of(result->action), step.verdict);
  if (*step.reason != '\0') {
    EXPECT_EQ(harness.reason(step.reason), before + 1) << step.reason;
  } else if (step.verdict == Verdict::kDrop) {
    EXPECT_EQ(harness.all_reasons(), all);
  }
  if (step.verdict == Verdict::kDrop) return;
  if (step.program != Program::kFromOverlay) EXPECT_EQ(result->outer, step.outer);
  Frame expected = step.out.empty() ? step.in : step.out;
  // What is redirected to a neighbour keeps the MAC addresses it came with: the kernel writes them.
  // Those of what is carried across are our own (bpf/lib/carry.h).
  constexpr size_t kMacs = 12;
  const bool carried = step.program != Program::kFromOverlay && !step.outer.empty();
  if (step.verdict == Verdict::kRedirect && !carried && expected.size() >= kMacs &&
      std::equal(step.in.begin(), step.in.begin() + kMacs, result->frame.begin()))
    std::copy_n(step.in.begin(), kMacs, expected.begin());
  EXPECT_EQ(describe(result->frame), describe(expected));
  EXPECT_EQ(result->frame, expected) << "same text, other bytes";
}

void check_table(Harness& harness, bool express) {
  for (const Case& test : packet_cases()) {
    ASSERT_TRUE(harness.reset().ok());
    for (const Harness::Service& service : test.services) {
      ASSERT_TRUE(harness.add_service(service).ok());
    }
    for (size_t i = 0; i < test.steps.size(); ++i) {
      SCOPED_TRACE(
          fmt::format("{}, step {}: {}", test.description, i + 1, describe(test.steps[i].in)));
      check_step(harness, test.steps[i], express);
    }
  }
}

TEST_F(PacketTest, TheTableHolds) {
  check_table(harness(), false);
}

// What the XDP program sends back is what the one at tc would send; the rest it does not touch.
TEST_F(PacketTest, TheTableHoldsWithTheDriversProgramInFront) {
  if (!harness().has_express()) GTEST_SKIP() << "this kernel does not take the XDP program";
  const uint64_t before = harness().express_packets();
  check_table(harness(), true);
  EXPECT_GT(harness().express_packets(), before + 10);
}

// Whoever adds a reason adds the packets that meet it, one a family.
TEST(PacketCases, ReachEveryReasonInBothFamilies) {
  constexpr uint8_t kIpv6 = 0x86;
  std::set<std::string_view> reached[2] = {{"none"}, {"none"}};
  for (const Case& test : packet_cases())
    for (const Step& step : test.steps) reached[step.in[12] == kIpv6].insert(step.reason);
#define SKIFF_REASON_REACHED(id, label, text)                \
  EXPECT_TRUE(reached[0].contains(label)) << label << " v4"; \
  EXPECT_TRUE(reached[1].contains(label)) << label << " v6";
  SKIFF_REASONS(SKIFF_REASON_REACHED)
#undef SKIFF_REASON_REACHED
}

}  // namespace
}  // namespace skiff::testing
