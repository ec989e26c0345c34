// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "tests/bpf/harness.h"

namespace skiff::testing {

// One harness for all tests of a suite, emptied before each.
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
  inline static std::unique_ptr<Harness> harness_;
};

}  // namespace skiff::testing
