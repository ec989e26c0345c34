// SPDX-License-Identifier: Apache-2.0
// The packet table, and what does not fit one: chance, affinity, state.
#include <gtest/gtest.h>
#include <linux/pkt_cls.h>

#include <set>

#include "tests/bpf/cases.h"

namespace skiff::testing {
namespace {

class PacketTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (const auto reason = isolate_process()) {
      unavailable() = *reason;
      return;
    }
    auto made = Harness::create();
    if (!made.ok()) {
      unavailable() = message(made.status());
      FAIL() << unavailable();
    }
    harness_ = std::move(*made);
  }
  static void TearDownTestSuite() { harness_.reset(); }

 protected:
  void SetUp() override {
    if (harness_ == nullptr) GTEST_SKIP() << unavailable();
    ASSERT_TRUE(harness_->reset().ok());
  }
  Harness& harness() { return *harness_; }
  RunResult run(Program program, const Frame& frame) {
    auto result = harness_->run(program, frame);
    EXPECT_TRUE(result.ok()) << result.status();
    return std::move(result).value();
  }
  static std::string& unavailable() {
    static std::string text;
    return text;
  }

 private:
  static std::unique_ptr<Harness> harness_;
};
std::unique_ptr<Harness> PacketTest::harness_;

Verdict verdict_of(int action) {
  if (action == TC_ACT_REDIRECT) return Verdict::kRedirect;
  return action == TC_ACT_SHOT ? Verdict::kDrop : Verdict::kPass;
}

void check_step(Harness& harness, const Step& step) {
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

}  // namespace
}  // namespace skiff::testing
