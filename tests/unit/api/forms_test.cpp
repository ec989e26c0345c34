// SPDX-License-Identifier: Apache-2.0
// Forms that few types have, over types of the test's own: alternatives, types that hold
// themselves, numbers with a fraction, documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/any_object.h"
#include "api/compare.h"
#include "api/defaults.h"
#include "api/document.h"
#include "api/group.h"
#include "api/protobuf.h"
#include "api/random.h"
#include "api/validation.h"

namespace skiff::api {

struct FormsSchema;

// A schema, or whether anything is allowed.
struct FormsSchemaOrBool {
  Box<FormsSchema> schema;
  bool allows = false;
};
KUBE_TYPE(FormsSchemaOrBool)

// One schema, or one an element.
struct FormsSchemaOrList {
  Box<FormsSchema> schema;
  std::vector<FormsSchema> schemas;
};
KUBE_TYPE(FormsSchemaOrList)

struct FormsSettings {
  std::string colour;
};
KUBE_TYPE(FormsSettings)

struct FormsSchema {
  std::string type;
  std::optional<double> maximum;
  double ratio = 0;
  std::map<std::string, FormsSchema> properties;
  Box<FormsSchemaOrBool> additional;
  Box<FormsSchemaOrList> items;
  Box<FormsSettings> settings;
  AnyJson example;
};
KUBE_TYPE(FormsSchema)

KUBE_PACKAGE("io.example.")

KUBE_UNION(FormsSchemaOrBool, KUBE_FIELD(schema, 2), KUBE_FIELD(allows, 1))
KUBE_UNION(FormsSchemaOrList, KUBE_FIELD(schema, 1), KUBE_FIELD(schemas, 2))
KUBE_FIELDS_AS(FormsSettings, "Settings", KUBE_FIELD(colour, 1, .immutable = true))
KUBE_FIELDS(FormsSchema, KUBE_FIELD(type, 1, .values = "array,object"), KUBE_FIELD(maximum, 2),
            KUBE_FIELD(ratio, 3), KUBE_FIELD(properties, 4), KUBE_FIELD(additional, 5),
            KUBE_FIELD(items, 6), KUBE_FIELD(settings, 7), KUBE_FIELD(example, 8))

namespace {

using testing::ElementsAre;

std::string read_and_write(std::string_view json) {
  const auto schema = decode_json<FormsSchema>(json);
  return schema.ok() ? encode_json(*schema) : std::string(message(schema.status()));
}

TEST(Forms, AnAlternativeIsToldByTheKindOfItsJson) {
  for (const char* json :
       {R"({"additional":true})", R"({"additional":false})", R"({"additional":{"type":"object"}})",
        R"({"items":{"type":"array"}})", R"({"items":[{"type":"array"},{"type":"object"}]})",
        R"({"example":null})"})
    EXPECT_EQ(read_and_write(json), std::string(json) == R"({"example":null})" ? "{}" : json);
  EXPECT_EQ(read_and_write(R"({"additional":"yes"})"),
            "additional: expected FormsSchemaOrBool, got string");
}

TEST(Forms, TypesThatHoldThemselvesEnd) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20; ++i) {
    const auto schema = random_object<FormsSchema>(random, {.fill = 0.1 * (i % 11)});
    const std::string json = encode_json(schema);
    EXPECT_LT(json.size(), 1u << 20);
    const auto again = decode_json<FormsSchema>(json);
    ASSERT_TRUE(again.ok()) << message(again.status());
    EXPECT_THAT(differences(schema, *again), testing::IsEmpty()) << json;
    FormsSchema copy;
    assign(type_of<FormsSchema>(), &copy, &schema);
    EXPECT_TRUE(equal(copy, schema));
  }
}

TEST(Forms, AssignTakesAwayWhatTheOtherHasNot) {
  const auto full = decode_json<FormsSchema>(
      R"({"maximum":1.5,"properties":{"a":{}},"items":[{},{}],"settings":{"colour":"red"}})");
  FormsSchema other = *full;
  assign(type_of<FormsSchema>(), &other, &*full);
  EXPECT_TRUE(equal(other, *full));
  const FormsSchema empty;
  assign(type_of<FormsSchema>(), &other, &empty);
  EXPECT_EQ(encode_json(other), "{}");
}

TEST(Forms, NumbersWithAFractionComeInFixedBytes) {
  // {maximum=2: 1.5, ratio=3: -0.25, additional=5{schema=2{type=1}}}
  const std::string raw("\x11\0\0\0\0\0\0\xf8\x3f\x19\0\0\0\0\0\0\xd0\xbf\x2a\x05\x12\x03\x0a\x01x",
                        25);
  FormsSchema schema;
  const auto read = decode_protobuf(type_of<FormsSchema>(), &schema, raw);
  ASSERT_TRUE(read.ok()) << message(read);
  EXPECT_EQ(encode_json(schema), R"({"maximum":1.5,"ratio":-0.25,"additional":{"type":"x"}})");
  EXPECT_FALSE(decode_protobuf(type_of<FormsSchema>(), &schema, "\x10\x01").ok());
}

TEST(Forms, ValidationGoesIntoMapsAndAlternatives) {
  const auto errors_of = [](std::string_view json) {
    const Kind kind{.type = &type_of<FormsSchema>(), .serving = Serving::kTypeOnly};
    const auto schema = decode_json<FormsSchema>(json);
    std::vector<std::string> texts;
    for (const FieldError& error : validate(kind, &*schema)) texts.push_back(error.field);
    return texts;
  };
  EXPECT_THAT(errors_of(R"({"properties":{"a":{"properties":{"b":{"type":"x"}}}}})"),
              ElementsAre("properties[a].properties[b].type"));
  EXPECT_THAT(errors_of(R"({"items":[{},{"type":"x"}],"additional":{"type":"y"}})"),
              ElementsAre("additional.type", "items[1].type"));
}

TEST(Forms, WhatIsImmutableStaysSoBehindAPointer) {
  const Kind kind{.type = &type_of<FormsSchema>(), .serving = Serving::kTypeOnly};
  const auto changed = [&](std::string_view before, std::string_view now) {
    const auto old = decode_json<FormsSchema>(before), next = decode_json<FormsSchema>(now);
    std::vector<std::string> texts;
    for (const FieldError& error : validate_update(kind, &*next, &*old))
      texts.push_back(error.to_string());
    return texts;
  };
  EXPECT_THAT(changed(R"({"settings":{"colour":"red"}})", R"({"settings":{"colour":"blue"}})"),
              ElementsAre(R"(settings.colour: Invalid value: "blue": field is immutable)"));
  EXPECT_THAT(changed(R"({"settings":{"colour":"red"}})", "{}"),
              ElementsAre(R"(settings.colour: Invalid value: "": field is immutable)"));
  EXPECT_THAT(changed("{}", R"({"settings":{}})"), testing::IsEmpty());
}

TEST(Forms, DefinitionsAreCalledAsInKubernetes) {
  EXPECT_EQ(type_of<FormsSettings>().definition(), "io.example.Settings");
  EXPECT_EQ(type_of<Quantity>().definition(), "io.k8s.apimachinery.pkg.api.resource.Quantity");
}

class Documents : public testing::Test {
 protected:
  Kind kind_{.group = "example.com",
             .version = "v1",
             .kind = "CronTab",
             .plural = "crontabs",
             .type = &type_of<Document>()};
};

TEST_F(Documents, KeepWhateverTheyHold) {
  const std::string json =
      R"({"kind":"CronTab","apiVersion":"example.com/v1","metadata":{"name":"a"},)"
      R"("spec":{"n":[1,-2.5,1e+30,"x",true,null,{}]},"other":[]})";
  DecodeReport report;
  const auto object = AnyObject::from_json(kind_, json, &report);
  ASSERT_TRUE(object.ok()) << message(object.status());
  EXPECT_THAT(report.problems, testing::IsEmpty());
  EXPECT_EQ(object->metadata().name, "a");
  EXPECT_EQ(object->to_json(), json);
  const AnyObject copy = *object;
  EXPECT_EQ(copy.to_json(), json);
  EXPECT_TRUE(equal(copy.type(), copy.data(), object->data()));
}

TEST_F(Documents, TellDuplicatesByTheirPath) {
  DecodeReport report;
  const auto object = AnyObject::from_json(
      kind_, R"({"spec":{"a":[{"b":1,"b":2}]},"metadata":{"x":1},"spec":{}})", &report);
  ASSERT_TRUE(object.ok());
  EXPECT_THAT(report.problems,
              ElementsAre(R"(duplicate field "spec.a[0].b")", R"(unknown field "metadata.x")",
                          R"(duplicate field "spec")"));
}

TEST_F(Documents, HaveDefaultsAndRulesForTheirMetadataOnly) {
  auto object = AnyObject::from_json(kind_, R"({"metadata":{"name":"A"},"spec":{"x":1}})");
  ASSERT_TRUE(object.ok());
  set_defaults(kind_, object->data());
  const auto errors = validate(kind_, object->data());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field, "metadata.name");
  AnyObject random(kind_);
  std::mt19937_64 source(1);
  randomize(random.type(), random.data(), source);
  EXPECT_TRUE(AnyObject::from_json(kind_, random.to_json()).ok());
  EXPECT_FALSE(decode_protobuf(type_of<Document>(), random.data(), "\x0a\x01x").ok());
}

}  // namespace
}  // namespace skiff::api
