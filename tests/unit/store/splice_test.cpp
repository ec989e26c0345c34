// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controller/store/store.h"

namespace skiff::store {
namespace {

struct Case {
  const char* shows;
  const char* json;
  const char* spliced;  // with revision 42
};

const Case kCases[] = {
    {"replaces the digits",
     R"({"kind":"Pod","metadata":{"name":"a","resourceVersion":"7","uid":"u"}})",
     R"({"kind":"Pod","metadata":{"name":"a","resourceVersion":"42","uid":"u"}})"},
    {"fills an empty one", R"({"metadata":{"resourceVersion":""},"spec":{}})",
     R"({"metadata":{"resourceVersion":"42"},"spec":{}})"},
    {"inserts a missing one", R"({"metadata":{"name":"a"}})",
     R"({"metadata":{"resourceVersion":"42","name":"a"}})"},
    {"inserts into an empty metadata", R"({"metadata":{}})",
     R"({"metadata":{"resourceVersion":"42"}})"},
    {"leaves others of the name alone",
     R"({"involvedObject":{"resourceVersion":"1"},"metadata":{"annotations":{"resourceVersion":"2"},"resourceVersion":"3"},"resourceVersion":"4"})",
     R"({"involvedObject":{"resourceVersion":"1"},"metadata":{"annotations":{"resourceVersion":"2"},"resourceVersion":"42"},"resourceVersion":"4"})"},
    {"is not fooled by text in strings",
     R"({"a":"\"metadata\":{\"resourceVersion\":\"1\"}\\","metadata":{"x":"}],{","resourceVersion":"3"}})",
     R"({"a":"\"metadata\":{\"resourceVersion\":\"1\"}\\","metadata":{"x":"}],{","resourceVersion":"42"}})"},
    {"steps over numbers, words and lists",
     R"({ "a" : -1.5e3, "b":null , "c":[1,{"d":[]},"e"], "metadata" : { "generation":3,"resourceVersion" : "3" } })",
     R"({ "a" : -1.5e3, "b":null , "c":[1,{"d":[]},"e"], "metadata" : { "generation":3,"resourceVersion" : "42" } })"},
    {"leaves what is no object", R"([1,2])", R"([1,2])"},
    {"leaves an object without metadata", R"({"a":1})", R"({"a":1})"},
    {"leaves a cut text", R"({"metadata":{"resourceVersion":"4)",
     R"({"metadata":{"resourceVersion":"4)"},
    {"leaves a cut escape", R"({"metadata":{"resourceVersion":"\)",
     R"({"metadata":{"resourceVersion":"\)"},
    {"leaves an empty text", "", ""},
};

TEST(WithRevision, ReplacesExactlyTheMetadatasOwn) {
  for (const Case& c : kCases) EXPECT_EQ(with_revision(c.json, 42), c.spliced) << c.shows;
}

TEST(RegistryKey, OrdersByKindThenNamespaceThenName) {
  EXPECT_EQ(registry_key("pods", "default", "nginx"), "/registry/pods/default/nginx");
  EXPECT_EQ(registry_key("nodes", "", "n1"), "/registry/nodes/n1");
  EXPECT_EQ(registry_prefix("deployments.apps"), "/registry/deployments.apps/");
  EXPECT_EQ(registry_prefix("pods", "default"), "/registry/pods/default/");
}

}  // namespace
}  // namespace skiff::store
