// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/filter.h"

#include <gtest/gtest.h>

#include "agent/trace/record_builder.h"
#include "tests/unit/trace/table_names.h"

namespace skiff::trace {
namespace {

FlowRecord sample() {
  static TableNames names;
  FlowEvent event{};
  event.header.kind = SKIFF_TRACE_NEW;
  event.header.hook = SKIFF_HOOK_FROM_POD;
  event.original = tuple("10.244.0.5", 40122, "10.96.0.20", 80);
  event.translated = tuple("10.244.0.5", 40122, "10.244.1.7", 8080);
  event.service_id = 1;
  return RecordBuilder("node-1", names, TimePoint()).build(event);
}

struct Case {
  const char* query;
  bool matches;
};

TEST(TraceFilter, EachFieldDecidesAndAllMustHold) {
  const FlowRecord record = sample();
  for (const Case& test : {
           Case{"", true},
           Case{"pod=client", true},
           Case{"pod=default/cli", true},
           Case{"pod=shop/client", false},
           Case{"pod=nobody&pod=web", true},
           Case{"namespace=shop", true},
           Case{"namespace=kube-system", false},
           Case{"service=web", true},
           Case{"service=shop/web", true},
           Case{"service=default/web", false},
           Case{"ip=10.96.0.20", true},
           Case{"ip=10.244.1.0/24", true},
           Case{"ip=192.0.2.0/24", false},
           Case{"port=8080", true},
           Case{"port=443", false},
           Case{"verdict=forwarded", true},
           Case{"verdict=dropped&verdict=refused", false},
           Case{"protocol=tcp", true},
           Case{"protocol=17", false},
           Case{"pod=client&port=443", false},
           Case{"reason=no_endpoints", false},
       }) {
    const auto filter = parse_filter(http::Query::parse(test.query));
    ASSERT_TRUE(filter.ok()) << test.query << message(filter.status());
    EXPECT_EQ(filter->matches(record), test.matches) << test.query;
  }
}

TEST(TraceFilter, SaysWhatIsWrong) {
  for (const char* query : {"port=0", "port=http", "verdict=lost", "protocol=tcpx", "ip=10.0.0"})
    EXPECT_FALSE(parse_filter(http::Query::parse(query)).ok()) << query;
  EXPECT_EQ(message(parse_filter(http::Query::parse("verdict=lost")).status()),
            "verdict lost: forwarded, translated, refused or dropped");
}

}  // namespace
}  // namespace skiff::trace
