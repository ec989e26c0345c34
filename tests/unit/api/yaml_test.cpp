// SPDX-License-Identifier: Apache-2.0
#include "api/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::api {
namespace {

std::string json_of(std::string_view yaml) {
  const auto json = yaml_to_json(yaml);
  return json.ok() ? *json : "error: " + std::string(message(json.status()));
}

TEST(Yaml, GivesScalarsTheTypesOfKubernetes) {
  EXPECT_EQ(
      json_of("a: 1\nb: '1'\nc: true\nd: \"true\"\ne: yes\nf: ~\ng:\nh: null\ni: text\n"),
      R"({"a":1,"b":"1","c":true,"d":"true","e":true,"f":null,"g":null,"h":null,"i":"text"})");
  EXPECT_EQ(json_of("[0644, 0x1F, 1_000, -7, 1.5, 1e3, 1.0, 10.0.0.1, 2024-01-01, 100m, 08]"),
            R"([420,31,1000,-7,1.5,1000,1,"10.0.0.1","2024-01-01","100m",8])");
  EXPECT_EQ(json_of("a: |\n  x\n  y\nb: >\n  x\n  y\n"), "{\"a\":\"x\\ny\\n\",\"b\":\"x y\\n\"}");
  EXPECT_EQ(json_of("1: a\ntrue: b\n"), R"({"1":"a","true":"b"})");
}

TEST(Yaml, ResolvesAliasesAndMerges) {
  EXPECT_EQ(json_of("a: &x {k: 1, l: 2}\nb: *x\nc:\n  <<: *x\n  l: 3\n"),
            R"({"a":{"k":1,"l":2},"b":{"k":1,"l":2},"c":{"l":3,"k":1}})");
}

TEST(Yaml, MergesOfMergesLoseNoMember) {
  EXPECT_EQ(json_of("a: &a {k: 1, l: 1}\nb: &b {<<: *a, l: 2, m: 2}\nc: {<<: *b, m: 3}\n"),
            R"({"a":{"k":1,"l":1},"b":{"l":2,"m":2,"k":1},"c":{"m":3,"l":2,"k":1}})");
  EXPECT_EQ(json_of("a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc: {<<: [*a, *b], m: 3}\n"),
            R"({"a":{"k":1},"b":{"k":2,"l":2},"c":{"m":3,"k":1,"l":2}})");
}

TEST(Yaml, MergesThatMultiplyAreRefused) {
  std::string text = "a0: &a0 {k: 1}\n";
  for (int i = 1; i < 30; ++i)
    text += fmt::format("a{0}: &a{0} {{<<: [*a{1}, *a{1}]}}\n", i, i - 1);
  EXPECT_FALSE(yaml_documents_to_json(text).ok());
}

TEST(Yaml, AQuotedMergeKeyIsAMember) {
  EXPECT_EQ(json_of("c:\n  \"<<\":\n    a: 1\n"), R"({"c":{"<<":{"a":1}}})");
}

TEST(Yaml, KeepsDuplicateKeysForTheDecoderToReport) {
  EXPECT_EQ(json_of("a: 1\na: 2\n"), R"({"a":1,"a":2})");
}

TEST(Yaml, SplitsDocuments) {
  const auto documents = yaml_documents_to_json("---\na: 1\n---\n# nothing\n---\nb: 2\n");
  ASSERT_TRUE(documents.ok());
  EXPECT_THAT(*documents, testing::ElementsAre(R"({"a":1})", R"({"b":2})"));
}

TEST(Yaml, PassesJsonAsItIs) {
  EXPECT_EQ(json_of(" {\"a\": 1} "), " {\"a\": 1} ");
}

TEST(Yaml, NamesThePlaceOfAnError) {
  EXPECT_THAT(json_of("a: 1\n b: [\n"), testing::HasSubstr("YAML: line "));
  EXPECT_THAT(json_of("a: 1\n---\nb: 1\n"), testing::HasSubstr("expected one document, got 2"));
}

TEST(Yaml, RefusesAliasesThatGrowWithoutBound) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(json_of(bomb), testing::HasSubstr("too large"));
}

TEST(Yaml, IsWrittenInBlockStyle) {
  const auto yaml = json_to_yaml(
      R"({"a":1,"b":{"c":["x",{"d":"1","e":[]},[1,2]],"f":{}},"g":"","h":"a: b","i":"yes","j":"multi\nline","k":null})");
  ASSERT_TRUE(yaml.ok());
  EXPECT_EQ(*yaml,
            "a: 1\nb:\n  c:\n  - x\n  - d: \"1\"\n    e: []\n  - - 1\n    - 2\n  f: {}\ng: "
            "\"\"\nh: \"a: b\"\n"
            "i: \"yes\"\nj: \"multi\\nline\"\nk: null\n");
  EXPECT_EQ(
      json_of(*yaml),
      R"({"a":1,"b":{"c":["x",{"d":"1","e":[]},[1,2]],"f":{}},"g":"","h":"a: b","i":"yes","j":"multi\nline","k":null})");
}

}  // namespace
}  // namespace skiff::api
