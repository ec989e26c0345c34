// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::metrics {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
  Registry registry;
  counter(registry, "skiff_test_total", "For the test.", {{"kind", "a"}}).Increment();
  counter(registry, "skiff_test_total", "For the test.", {{"kind", "a"}}).Increment();
  counter(registry, "skiff_test_total", "For the test.", {{"kind", "b"}}).Increment();
  const std::string shown = text(registry);
  EXPECT_THAT(shown, HasSubstr("# TYPE skiff_test_total counter\n"));
  EXPECT_THAT(shown, HasSubstr("skiff_test_total{kind=\"a\"} 2\n"));
  EXPECT_THAT(shown, HasSubstr("skiff_test_total{kind=\"b\"} 1\n"));
}

TEST(Metrics, ACounterThatFollowsNeverFalls) {
  Registry registry;
  Counter& followed = counter(registry, "skiff_test_total", "For the test.");
  follow(followed, 7);
  follow(followed, 3);
  EXPECT_EQ(followed.Value(), 7);
}

TEST(Metrics, BucketsGrowByTheFactor) {
  EXPECT_EQ(exponential_buckets(1, 2, 4), (Buckets{1, 2, 4, 8}));
}

}  // namespace
}  // namespace skiff::metrics
