// SPDX-License-Identifier: Apache-2.0
// Runs the tests of a program. One that ran none because all of them were skipped says so with its
// exit status, so that it is counted as skipped and not as passed.
#include <gtest/gtest.h>

constexpr int kSkipped = 77;  // SKIP_RETURN_CODE of skiff_test()

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int failed = RUN_ALL_TESTS();
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  if (failed == 0 && all.successful_test_count() == 0 && all.skipped_test_count() > 0)
    return kSkipped;
  return failed;
}
