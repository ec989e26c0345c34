// SPDX-License-Identifier: Apache-2.0
// Sets of fields, and documents compared, merged and pruned by them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/apps/deployment.h"
#include "api/core/service.h"
#include "api/document.h"
#include "api/fields/structured_merge.h"
#include "api/patch.h"

namespace skiff::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

boost::json::value json(std::string_view text) {
  auto parsed = parse_document(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

FieldSet set(std::string_view text) {
  auto parsed = parse_fields_v1(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

const Shape kDeployment = Shape::of(type_of<Deployment>());
const Shape kService = Shape::of(type_of<Service>());

TEST(FieldSet, ReadsAndWritesFieldsV1) {
  for (
      const std::string_view text : {
          R"({"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{}}})",
          R"({"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}}}})",
          R"({"f:metadata":{"f:finalizers":{"v:\"a\"":{}}}})",
          R"({})",
      })
    EXPECT_EQ(fields_v1(set(text)), text);
}

TEST(FieldSet, RefusesWhatIsNoFieldsV1) {
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += R"({"f:a":)";
  deep += "{}" + std::string(300, '}');
  for (const std::string& text : {std::string("[]"), std::string(R"({"a":{}})"),
                                  std::string(R"({"f:a":1})"), std::string("{"), deep})
    EXPECT_FALSE(parse_fields_v1(text).ok()) << text.substr(0, 40);
}

TEST(FieldSet, ShowsPathsAsMessagesDo) {
  EXPECT_THAT(
      paths_of(
          set(R"({"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}},
                       "f:type":{}},"f:metadata":{"f:finalizers":{"v:\"a\"":{}}},"f:l":{"i:3":{}}})")),
      ElementsAre(".l[3]", R"(.metadata.finalizers[="a"])", ".spec.type",
                  R"(.spec.ports[port=80,protocol="TCP"])",
                  R"(.spec.ports[port=80,protocol="TCP"].name)"));
}

TEST(FieldSet, HasTheOperationsOfSets) {
  const FieldSet a = set(R"({"f:a":{".":{},"f:b":{}},"f:c":{}})");
  const FieldSet b = set(R"({"f:a":{},"f:d":{}})");
  EXPECT_EQ(fields_v1(unite(a, b)), R"({"f:a":{".":{},"f:b":{}},"f:c":{},"f:d":{}})");
  EXPECT_EQ(fields_v1(intersect(a, b)), R"({"f:a":{}})");
  EXPECT_EQ(fields_v1(subtract(a, b)), R"({"f:a":{"f:b":{}},"f:c":{}})");
  EXPECT_EQ(fields_v1(subtract_below(a, b)), R"({"f:c":{}})");
  EXPECT_TRUE(subtract(a, a).empty());
}

TEST(FieldsIn, AreLeavesEntriesAndAtomicContainers) {
  const auto document = json(R"({"metadata":{"labels":{"app":"a"},"annotations":{}},
      "spec":{"replicas":3,"selector":{"matchLabels":{"app":"a"}},"template":{"spec":{"containers":
      [{"name":"c","image":"i","args":["x"],"resources":{},"ports":[{"containerPort":80}]}]}}}})");
  EXPECT_EQ(
      fields_v1(fields_in(kDeployment, document)),
      R"x({"f:metadata":{"f:annotations":{},"f:labels":{"f:app":{}}},)x"
      R"x("f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:spec":{"f:containers":{)x"
      R"x("k:{\"name\":\"c\"}":{".":{},"f:args":{},"f:image":{},"f:name":{},"f:ports":{)x"
      R"x("k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},)x"
      R"x("f:resources":{}}}}}}})x");
}

TEST(ChangedFields, TellAddedFromModifiedAndRemoved) {
  const FieldChanges changes = changed_fields(
      kDeployment, json(R"({"metadata":{"labels":{"a":"1","b":"1"}},"spec":{"replicas":1}})"),
      json(R"({"metadata":{"labels":{"a":"1","c":"1"}},"spec":{"replicas":2,"paused":true}})"));
  EXPECT_THAT(paths_of(changes.added), ElementsAre(".metadata.labels.c", ".spec.paused"));
  EXPECT_THAT(paths_of(changes.modified), ElementsAre(".spec.replicas"));
  EXPECT_THAT(paths_of(changes.removed), ElementsAre(".metadata.labels.b"));
}

TEST(ChangedFields, CountContainersThatAreNew) {
  const FieldChanges changes =
      changed_fields(kDeployment, json(R"({"metadata":{"name":"x"}})"),
                     json(R"({"metadata":{"name":"x","labels":{"a":"1"}}})"));
  EXPECT_EQ(fields_v1(changes.added), R"({"f:metadata":{"f:labels":{".":{},"f:a":{}}}})");
}

TEST(ChangedFields, FindEntriesOfListsByTheirKeysWhereverTheyStand) {
  const FieldChanges changes = changed_fields(
      kService,
      json(R"({"spec":{"ports":[{"port":80,"protocol":"TCP"},{"port":80,"protocol":"UDP"}]}})"),
      json(R"({"spec":{"ports":[{"port":80,"protocol":"UDP"},{"port":80,"name":"x"}]}})"));
  EXPECT_THAT(paths_of(changes.added), ElementsAre(R"(.spec.ports[port=80,protocol="TCP"].name)"));
  EXPECT_THAT(paths_of(changes.modified), IsEmpty());
  // The default of a key counts though nobody wrote it.
  EXPECT_THAT(paths_of(changes.removed),
              ElementsAre(R"(.spec.ports[port=80,protocol="TCP"].protocol)"));
}

TEST(ChangedFields, OfEntriesThatOccurTwiceCountThemTogether) {
  const auto before = json(R"({"metadata":{"finalizers":["a","a"]}})");
  EXPECT_TRUE(changed_fields(kService, before, before).modified.empty());
  EXPECT_THAT(
      paths_of(
          changed_fields(kService, before, json(R"({"metadata":{"finalizers":["a"]}})")).modified),
      ElementsAre(R"(.metadata.finalizers[="a"])"));
}

TEST(ChangedFields, SeeNothingInANullAndSomethingInAnEmptyContainer) {
  const auto none = json(R"({"spec":{}})");
  EXPECT_TRUE(changed_fields(kService, none, json(R"({"spec":{"type":null}})")).added.empty());
  EXPECT_THAT(paths_of(changed_fields(kService, none, json(R"({"spec":{"ports":[]}})")).added),
              ElementsAre(".spec.ports"));
}

TEST(MergeFields, KeepWhatTheConfigurationDoesNotSay) {
  EXPECT_EQ(
      to_json(merge_fields(
          kDeployment, json(R"({"metadata":{"labels":{"a":"1"}},"spec":{"replicas":1}})"),
          json(R"({"metadata":{"labels":{"b":"2"}},"spec":{"paused":true,"replicas":null}})"))),
      R"({"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"replicas":1,"paused":true}})");
}

TEST(MergeFields, OrderListsAsTheConfigurationDoes) {
  struct Row {
    std::string_view live, config, merged;
  };
  const auto finalizers = [](std::string_view letters) {
    boost::json::array list;
    for (const char letter : letters) list.push_back(boost::json::string(1, letter));
    return boost::json::value{{"metadata", {{"finalizers", list}}}};
  };
  for (const Row& row :
       {Row{"abc", "ca", "cab"}, Row{"abc", "", "abc"}, Row{"", "ab", "ab"},
        Row{"xay", "ab", "xayb"}, Row{"ab", "cd", "abcd"}, Row{"abcd", "db", "adbc"}})
    EXPECT_EQ(to_json(merge_fields(kService, finalizers(row.live), finalizers(row.config))),
              to_json(finalizers(row.merged)))
        << row.live << " " << row.config;
}

TEST(MergeFields, ReplaceAtomicContainers) {
  EXPECT_EQ(to_json(merge_fields(kService, json(R"({"spec":{"selector":{"a":"1"}}})"),
                                 json(R"({"spec":{"selector":{"b":"2"}}})"))),
            R"({"spec":{"selector":{"b":"2"}}})");
}

TEST(RemoveFields, TakesEmptiedContainersAlong) {
  EXPECT_EQ(
      to_json(remove_fields(
          kDeployment,
          json(R"({"metadata":{"labels":{"a":"1"},"annotations":{}},"spec":{"replicas":1,"template":
                     {"spec":{"containers":[{"name":"c"},{"name":"d"}]}}}})"),
          set(R"({"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{},"f:template":
                    {"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{}}}}}})"))),
      R"({"metadata":{"annotations":{}},"spec":{"template":{"spec":{"containers":[{"name":"d"}]}}}})");
}

TEST(CheckFields, NamesWhatTheSchemaDoesNotAllow) {
  struct Row {
    std::string_view document, error;
  };
  for (const Row& row : {
           Row{R"({"spec":{"replica":1}})", ".spec.replica: field not declared in schema"},
           Row{R"({"spec":{"template":{"spec":{"containers":[{"image":"i"}]}}}})",
               ".spec.template.spec.containers: element 0: associative list with keys has an "
               "element that omits "
               "key field \"name\" (and doesn't have default value)"},
           Row{R"({"spec":{"template":{"spec":{"containers":[{"name":"c"},{"name":"c"}]}}}})",
               R"(.spec.template.spec.containers: duplicate entries for key [name="c"])"},
           Row{R"({"spec":{"template":{"spec":{"tolerations":[{"keys":"x"}]}}}})",
               ".spec.template.spec.tolerations[0].keys: field not declared in schema"},
           Row{R"({"spec":{"template":{"spec":{"nodeSelector":{"any":"x"}}}}})", ""},
       })
    EXPECT_EQ(message(check_fields(kDeployment, json(row.document))), row.error);
}

}  // namespace
}  // namespace skiff::api
