// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/any_object.h"
#include "api/compare.h"
#include "api/list.h"
#include "api/objects.h"
#include "api/random.h"

namespace skiff::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
std::string error_of(std::string_view json) {
  const auto decoded = decode_json<T>(json);
  return decoded.ok() ? "no error" : std::string(message(decoded.status()));
}

TEST(Codec, RoundTripsRandomObjectsOfEveryKind) {
  std::mt19937_64 random(7);
  for (const Kind* each : all_kinds()) {
    const Kind& kind = *each;
    for (int i = 0; i < 20; ++i) {
      AnyObject object(kind);
      randomize(object.type(), object.data(), random, {.fill = 0.1 * (i % 6)});
      const std::string json = object.to_json();
      DecodeReport report;
      const auto again = AnyObject::from_json(kind, json, &report);
      ASSERT_TRUE(again.ok()) << kind.kind << ": " << message(again.status()) << "\n" << json;
      EXPECT_THAT(report.problems, IsEmpty()) << kind.kind;
      EXPECT_THAT(differences(object.type(), object.data(), again->data()), IsEmpty()) << json;
      EXPECT_EQ(again->to_json(), json);
    }
  }
}

TEST(Codec, WritesAsKubernetesDoes) {
  EXPECT_EQ(
      encode_json(Pod{}),
      R"({"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":[]},"status":{}})");
  Deployment deployment;
  deployment.metadata.name = "web";
  deployment.spec.replicas = 0;
  EXPECT_EQ(
      encode_json(deployment),
      R"({"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web"},)"
      R"("spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":[]}},"strategy":{}},"status":{}})");
}

TEST(Codec, KeepsZeroWhereAbsenceDiffers) {
  const auto pod = decode_json<Pod>(
      R"({"spec":{"enableServiceLinks":false,"priority":0,"terminationGracePeriodSeconds":0,"hostNetwork":false}})");
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ(pod->spec.enableServiceLinks, false);
  const std::string json = encode_json(*pod);
  EXPECT_THAT(json, HasSubstr("\"enableServiceLinks\":false"));
  EXPECT_THAT(json, HasSubstr("\"priority\":0"));
  EXPECT_THAT(json, testing::Not(HasSubstr("hostNetwork")));
}

TEST(Codec, ReportsUnknownAndDuplicateFieldsInDocumentOrder) {
  DecodeReport report;
  const auto pod = decode_json<Pod>(R"({
    "apiVersion": "v1", "kind": "Pod", "nope": {"a": [1, 2]},
    "metadata": {"name": "a", "Name": "b", "labels": {"x": "1", "x": "2"}},
    "spec": {"containers": [{"name": "c"}, {"name": "d", "imagge": "x", "name": "e"}], "kind": 1},
    "spec": {"nodeName": "n"}})",
                                    &report);
  ASSERT_TRUE(pod.ok()) << message(pod.status());
  EXPECT_THAT(report.problems,
              ElementsAre("unknown field \"nope\"", "unknown field \"metadata.Name\"",
                          "duplicate field \"metadata.labels.x\"",
                          "unknown field \"spec.containers[1].imagge\"",
                          "duplicate field \"spec.containers[1].name\"",
                          "unknown field \"spec.kind\"", "duplicate field \"spec\""));
  EXPECT_EQ(pod->metadata.labels.at("x"), "2");
  EXPECT_EQ(pod->spec.containers[1].name, "e");
  EXPECT_EQ(pod->spec.nodeName, "n");
}

TEST(Codec, NamesTheFieldOfAWrongType) {
  EXPECT_EQ(error_of<Deployment>(R"({"spec":{"replicas":"3"}})"),
            "spec.replicas: expected integer, got string");
  EXPECT_EQ(error_of<Deployment>(R"({"spec":{"replicas":3.5}})"),
            "spec.replicas: expected integer, got 3.5");
  EXPECT_EQ(error_of<Deployment>(R"({"spec":{"replicas":3000000000}})"),
            "spec.replicas: 3000000000 is out of range for a 32-bit integer");
  EXPECT_EQ(error_of<Pod>(R"({"spec":{"containers":[{"ports":{}}]}})"),
            "spec.containers[0].ports: expected array, got object");
  EXPECT_EQ(error_of<Pod>(R"({"metadata":{"labels":{"a":1}}})"),
            "metadata.labels.a: expected string, got number");
  EXPECT_EQ(error_of<Pod>(R"([])"), "expected object, got array");
  EXPECT_THAT(error_of<Secret>(R"({"data":{"a":"*"}})"), HasSubstr("data.a: expected base64"));
  EXPECT_THAT(error_of<Pod>(R"({"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}})"),
              HasSubstr("spec.containers[0].resources.limits.cpu: quantity \"1x\""));
}

TEST(Codec, RefusesMalformedJsonWithItsPlace) {
  EXPECT_EQ(error_of<Pod>("{\n  \"metadata\": {,}}"),
            "malformed JSON: line 2, column 16: expected a key in double quotes");
  for (const char* json :
       {"", "{", "{}}", "{\"a\":}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":\"\\x\"}", "{\"a\":\"\n\"}",
        "nul", "{\"a\":1,}", "{'a':1}", "{\"a\":\"\xC3\"}", "{\"a\":\"\xED\xA0\x80\"}",
        "{\"a\":1e}", "{\"a\" 1}", "{\"metadata\":tru}", "[1,]"})
    EXPECT_THAT(error_of<Pod>(json),
                testing::AnyOf(HasSubstr("malformed JSON"), HasSubstr("expected object")))
        << json;
  const std::string deep = "{\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  EXPECT_THAT(error_of<Pod>(deep), HasSubstr("nested too deep"));
}

TEST(Codec, ReadsEscapes) {
  const auto map = decode_json<ConfigMap>(R"({"data":{"a":"\u00e9\ud83d\ude00\n\"\\\/\ud800x"}})");
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->data.at("a"), "é😀\n\"\\/\xEF\xBF\xBDx");
}

TEST(Codec, NullLeavesAFieldUnset) {
  const auto pod = decode_json<Pod>(
      R"({"metadata":{"creationTimestamp":null,"labels":null},"spec":{"affinity":null,"priority":null,"containers":null}})");
  ASSERT_TRUE(pod.ok()) << message(pod.status());
  EXPECT_TRUE(equal(*pod, Pod{}));
}

TEST(Codec, KeepsRawJson) {
  const auto revision =
      decode_json<ControllerRevision>(R"({"data": {"b" : [1, "a b"], "a":null}, "revision": 3})");
  ASSERT_TRUE(revision.ok());
  EXPECT_EQ(revision->data.text, R"({"b":[1,"a b"],"a":null})");
}

TEST(Codec, ReadsListsWhoseItemsNameTheirKind) {
  DecodeReport report;
  const auto list = decode_json<List<Pod>>(
      R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},
          "items":[{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}]})",
      &report);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->items[0].metadata.name, "a");
  EXPECT_THAT(report.problems, IsEmpty());
}

TEST(Codec, FindsTheTypeOfABody) {
  EXPECT_EQ(peek_type(R"({"spec":{"kind":"x"},"kind":"Pod","apiVersion":"v1"})")->kind, "Pod");
  EXPECT_EQ(peek_type(R"({"metadata":{}})")->kind, "");
  EXPECT_FALSE(peek_type("[]").ok());
  EXPECT_FALSE(peek_type("{").ok());
}

TEST(Kind, IsFoundByItsNames) {
  EXPECT_EQ(find_kind("apps/v1", "Deployment"), &kind_of<Deployment>());
  EXPECT_EQ(find_resource("", "v1", "pods"), &kind_of<Pod>());
  EXPECT_EQ(find_resource("apps", "v1", "cats"), nullptr);
  EXPECT_EQ(kind_of<Deployment>().resource(), "deployments.apps");
  EXPECT_EQ(kind_of<Deployment>().api_version(), "apps/v1");
}

TEST(AnyObject, CopiesDeeply) {
  Pod pod;
  pod.metadata.name = "a";
  AnyObject one = AnyObject::of(pod);
  AnyObject two = one;
  two.metadata().name = "b";
  EXPECT_EQ(one.as<Pod>().metadata.name, "a");
  EXPECT_EQ(two.as<Pod>().metadata.name, "b");
  EXPECT_EQ(two.try_as<Service>(), nullptr);
}

TEST(Compare, NamesTheFieldsThatDiffer) {
  Pod a, b;
  a.spec.containers.resize(1);
  b.spec.containers.resize(1);
  b.spec.containers[0].image = "x";
  b.spec.priority = 0;
  EXPECT_THAT(differences(a, b), ElementsAre("spec.containers[0].image", "spec.priority"));
  EXPECT_TRUE(equal(a, a));
}

}  // namespace
}  // namespace skiff::api
