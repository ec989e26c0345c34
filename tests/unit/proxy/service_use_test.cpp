// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/service_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::proxy {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

datapath::ServiceCounter used(uint64_t connections, uint64_t last_s) {
  return {.connections = connections,
          .refused = 1,
          .bytes = {100, 200},
          .last_used_ns = last_s * 1'000'000'000};
}

std::string text(const std::vector<ServiceUse>& uses, size_t most) {
  return metrics::text(metrics::Registry(),
                       service_metrics(uses, most, seconds(60), TimePoint(seconds(1000))));
}

TEST(ServiceUse, KnowsServicesByTheirIds) {
  datapath::Maps maps = datapath::memory_maps();
  for (const uint32_t id : {1, 2, 3, 9})
    ASSERT_TRUE(maps.service_counters->put(id, used(id, 50)).ok());
  const std::string host_port = "pod shop/web-1 hostPort 80/TCP", http = "shop/web:http",
                    number = "shop/web:80", unused = "shop/unused:80";
  const auto uses =
      read_service_use(maps, {{1, &host_port}, {2, &http}, {3, &number}, {4, &unused}});
  ASSERT_TRUE(uses.ok());
  ASSERT_EQ(uses->size(), 2u) << "one is a HostPort, one of nobody any more";
  EXPECT_EQ((*uses)[0].namespace_, "shop");
  EXPECT_EQ((*uses)[0].name, "web");
  EXPECT_EQ((*uses)[0].port, "http");
  EXPECT_EQ((*uses)[0].counter.connections, 2u);
  EXPECT_EQ((*uses)[1].port, "80");
}

TEST(ServiceUse, ShowsEachAsMetrics) {
  const std::string shown = text({{"shop", "web", "http", used(5, 50)}}, 10);
  const std::string labels = R"(namespace="shop",service="web",port="http")";
  for (const std::string& line :
       {"skiff_service_connections_total{" + labels + "} 5",
        "skiff_service_refused_total{" + labels + "} 1",
        "skiff_service_bytes_total{" + labels + R"(,direction="to_backends"} 100)",
        "skiff_service_bytes_total{" + labels + R"(,direction="from_backends"} 200)",
        "skiff_service_last_used_timestamp_seconds{" + labels + "} 990",
        std::string("skiff_service_metrics_left_out 0")})
    EXPECT_THAT(shown, HasSubstr(line));
}

TEST(ServiceUse, ShowsSoManyAndSaysHowManyAreMissing) {
  const std::string shown =
      text({{"a", "first", "80", used(1, 1)}, {"a", "second", "80", used(1, 1)}}, 1);
  EXPECT_THAT(shown, HasSubstr(R"(service="first")"));
  EXPECT_THAT(shown, Not(HasSubstr(R"(service="second")")));
  EXPECT_THAT(shown, HasSubstr("skiff_service_metrics_left_out 1"));
}

}  // namespace
}  // namespace skiff::proxy
