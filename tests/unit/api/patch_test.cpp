// SPDX-License-Identifier: Apache-2.0
#include "api/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/apps/deployment.h"
#include "api/core/pod.h"
#include "api/core/service.h"

namespace skiff::api {
namespace {

using testing::HasSubstr;

boost::json::value doc(std::string_view text) {
  auto parsed = parse_document(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << message(parsed.status());
  return parsed.ok() ? *parsed : boost::json::value();
}

std::string strategic(const TypeInfo& type, std::string_view document, std::string_view patch) {
  auto value = doc(document);
  const auto status = apply_strategic_merge_patch(type, value, doc(patch));
  return status.ok() ? boost::json::serialize(value) : "error: " + std::string(message(status));
}
std::string pod_patch(std::string_view document, std::string_view patch) {
  return strategic(type_of<Pod>(), document, patch);
}

void expect_same(const std::string& got, std::string_view want) {
  ASSERT_FALSE(got.starts_with("error")) << got;
  EXPECT_EQ(doc(got), doc(want)) << "got " << got;
}

skiff::Status json_patch(std::string& document, std::string_view patch) {
  auto value = doc(document);
  const auto status = apply_json_patch(value, doc(patch));
  document = boost::json::serialize(value);
  return status;
}

struct JsonPatchCase {
  const char* document;
  const char* patch;
  const char* result;  // null: refused
};

TEST(JsonPatch, DoesWhatRfc6902Says) {
  const JsonPatchCase cases[] = {
      {R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/2","value":2}])", nullptr},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/01","value":2}])", nullptr},
      {R"({"a":1})", R"([{"op":"add","path":"/b/c","value":2}])", nullptr},
      {R"({"a":{"b/c":1,"d~e":2}})",
       R"([{"op":"remove","path":"/a/b~1c"},{"op":"remove","path":"/a/d~0e"}])", R"({"a":{}})"},
      {R"({"a":1})", R"([{"op":"remove","path":"/b"}])", nullptr},
      {R"({"a":1})", R"([{"op":"replace","path":"/a","value":{"x":null}}])", R"({"a":{"x":null}})"},
      {R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])", nullptr},
      {R"({"a":1})", R"([{"op":"move","from":"/a","path":"/b"}])", R"({"b":1})"},
      {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", nullptr},
      {R"({"a":[1,2,3]})", R"([{"op":"move","from":"/a/0","path":"/a/2"}])", R"({"a":[2,3,1]})"},
      {R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/b"}])",
       R"({"a":{"x":1},"b":{"x":1}})"},
      {R"({"a":{"x":[1,2]}})", R"([{"op":"test","path":"/a","value":{"x":[1,2]}}])",
       R"({"a":{"x":[1,2]}})"},
      {R"({"a":1})", R"([{"op":"nop","path":"/a"}])", nullptr},
      {R"({"a":1})", R"([{"op":"add","path":"/b"}])", nullptr},
      {R"({"a":1})", R"([{"op":"add","path":"b","value":1}])", nullptr},
      {R"({"a":1})", R"({"op":"add","path":"/b","value":1})", nullptr},
      {R"({"a":1})", R"([1])", nullptr},
  };
  for (const auto& c : cases) {
    std::string document = c.document;
    const auto status = json_patch(document, c.patch);
    EXPECT_EQ(status.ok(), c.result != nullptr) << c.patch << ": " << message(status);
    EXPECT_EQ(doc(document), doc(c.result ? c.result : c.document)) << c.patch;
  }
}

TEST(JsonPatch, TellsAFailedTestFromAMissingPath) {
  std::string document = R"({"a":1})";
  EXPECT_EQ(json_patch(document, R"([{"op":"test","path":"/a","value":2}])").code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(json_patch(document, R"([{"op":"test","path":"/b","value":2}])").code(),
            StatusCode::kNotFound);
}

TEST(JsonPatch, LeavesTheDocumentAloneWhenALaterOperationFails) {
  std::string document = R"({"a":1})";
  EXPECT_FALSE(
      json_patch(document, R"([{"op":"remove","path":"/a"},{"op":"remove","path":"/b"}])").ok());
  EXPECT_EQ(document, R"({"a":1})");
}

TEST(MergePatch, DoesWhatRfc7386Says) {
  const char* cases[][3] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& [document, patch, result] : cases) {
    auto value = doc(document);
    apply_merge_patch(value, doc(patch));
    EXPECT_EQ(value, doc(result)) << patch;
  }
}

TEST(StrategicPatch, MergesListsByTheirKey) {
  // What the patch names keeps together; the rest comes where it was, relative to that.
  expect_same(
      pod_patch(R"({"spec":{"containers":[{"name":"a","image":"1","args":["x"]},{"name":"b"}]}})",
                R"({"spec":{"containers":[{"name":"a","image":"2"},{"name":"c"}]}})"),
      R"({"spec":{"containers":[{"name":"a","image":"2","args":["x"]},{"name":"c"},{"name":"b"}]}})");
  // An atomic list is replaced.
  expect_same(pod_patch(R"({"spec":{"tolerations":[{"key":"a"}]}})",
                        R"({"spec":{"tolerations":[{"key":"b"}]}})"),
              R"({"spec":{"tolerations":[{"key":"b"}]}})");
}

// What `kubectl set image` sends.
TEST(StrategicPatch, FollowsTheOrderThatKubectlSends) {
  expect_same(
      strategic(
          type_of<Deployment>(),
          R"({"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1"},{"name":"log","image":"l"}]}}}})",
          R"({"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"web"},{"name":"log"}],
                    "containers":[{"image":"nginx:2","name":"web"}]}}}})"),
      R"({"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"},{"name":"log","image":"l"}]}}}})");
  // A new first element, and one that the server added after `b` keeps its place.
  expect_same(
      pod_patch(
          R"({"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"injected"}]}})",
          R"({"spec":{"$setElementOrder/containers":[{"name":"new"},{"name":"b"},{"name":"a"}],
                            "containers":[{"name":"new"}]}})"),
      R"({"spec":{"containers":[{"name":"new"},{"name":"b"},{"name":"a"},{"name":"injected"}]}})");
}

TEST(StrategicPatch, DeletesElementsByTheirKey) {
  expect_same(pod_patch(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
                        R"({"spec":{"containers":[{"name":"a","$patch":"delete"}],
                            "$setElementOrder/containers":[{"name":"b"}]}})"),
              R"({"spec":{"containers":[{"name":"b"}]}})");
}

TEST(StrategicPatch, ReplacesWhereItIsTold) {
  expect_same(pod_patch(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
                        R"({"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}})"),
              R"({"spec":{"containers":[{"name":"c"}]}})");
  expect_same(pod_patch(R"({"metadata":{"labels":{"a":"1"}}})",
                        R"({"metadata":{"labels":{"$patch":"replace","b":"2"}}})"),
              R"({"metadata":{"labels":{"b":"2"}}})");
  expect_same(pod_patch(R"({"metadata":{"labels":{"a":"1"}}})",
                        R"({"metadata":{"labels":{"$patch":"delete"}}})"),
              R"({"metadata":{"labels":{}}})");
}

TEST(StrategicPatch, KeepsOneSourceOfAVolume) {
  expect_same(
      pod_patch(
          R"({"spec":{"volumes":[{"name":"v","emptyDir":{}},{"name":"w","hostPath":{"path":"/"}}]}})",
          R"({"spec":{"$setElementOrder/volumes":[{"name":"v"},{"name":"w"}],
                            "volumes":[{"$retainKeys":["name","configMap"],"name":"v","configMap":{"name":"c"},"emptyDir":null}]}})"),
      R"({"spec":{"volumes":[{"name":"v","configMap":{"name":"c"}},{"name":"w","hostPath":{"path":"/"}}]}})");
  EXPECT_THAT(
      pod_patch(R"({"spec":{"volumes":[{"name":"v"}]}})",
                R"({"spec":{"volumes":[{"$retainKeys":["name"],"name":"v","emptyDir":{}}]}})"),
      HasSubstr("$retainKeys must name \"emptyDir\""));
}

TEST(StrategicPatch, MergesListsOfScalarsAsSets) {
  expect_same(
      pod_patch(R"({"metadata":{"finalizers":["a","b"]}})",
                R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c","b"],
                            "$setElementOrder/finalizers":["c","b"]}})"),
      R"({"metadata":{"finalizers":["c","b"]}})");
}

TEST(StrategicPatch, RemovesNullsAndTakesNewObjectsWithoutDirectives) {
  expect_same(
      pod_patch(R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
                R"({"metadata":{"labels":{"a":null,"z":null},"annotations":{"x":"1","y":null}},
                            "spec":{"$retainKeys":["containers"],"containers":[{"name":"a","$patch":"delete"},{"name":"b"}]}})"),
      R"({"metadata":{"labels":{"b":"2"},"annotations":{"x":"1"}},"spec":{"containers":[{"name":"b"}]}})");
}

TEST(StrategicPatch, NeedsTheMergeKey) {
  EXPECT_THAT(pod_patch(R"({"spec":{"containers":[{"name":"a"}]}})",
                        R"({"spec":{"containers":[{"image":"x"}]}})"),
              HasSubstr("lacks the merge key name"));
  EXPECT_THAT(pod_patch("{}", R"({"$patch":"nope"})"),
              HasSubstr("expected replace, delete or merge"));
}

TEST(StrategicPatch, MergesServicePortsByPort) {
  expect_same(
      strategic(type_of<Service>(),
                R"({"spec":{"ports":[{"port":80,"nodePort":30080},{"port":443}]}})",
                R"({"spec":{"ports":[{"port":80,"targetPort":8080}]}})"),
      R"({"spec":{"ports":[{"port":80,"nodePort":30080,"targetPort":8080},{"port":443}]}})");
}

}  // namespace
}  // namespace skiff::api
