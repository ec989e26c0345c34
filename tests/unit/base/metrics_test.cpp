// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/process_metrics.h"

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

TEST(Metrics, TellWhatTheProcessUses) {
  Registry registry;
  refresh_process(registry);
  refresh_process(registry);
  const auto value = [&](const char* name) { return gauge(registry, name, "").Value(); };
  EXPECT_GT(value("process_resident_memory_bytes"), 100'000);
  EXPECT_GT(value("process_virtual_memory_bytes"), value("process_resident_memory_bytes"));
  EXPECT_GE(value("process_open_fds"), 3);
  EXPECT_GE(value("process_max_fds"), value("process_open_fds"));
  const double now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(value("process_start_time_seconds"), now - 3600);
  EXPECT_LE(value("process_start_time_seconds"), now + 60);
  EXPECT_THAT(text(registry), HasSubstr("# TYPE process_cpu_seconds_total counter\n"));
}

TEST(Metrics, BucketsGrowByTheFactor) {
  EXPECT_EQ(exponential_buckets(1, 2, 4), (Buckets{1, 2, 4, 8}));
}

}  // namespace
}  // namespace skiff::metrics
