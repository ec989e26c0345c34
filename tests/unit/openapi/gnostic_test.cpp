// SPDX-License-Identifier: Apache-2.0
// Reads the protobuf back with a reader that knows nothing but the wire format.
#include "controller/apiserver/openapi/gnostic.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "controller/apiserver/openapi/wire.h"

namespace skiff::openapi {
namespace {

namespace json = boost::json;

// The fields of one message; dies on what is no message.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // All values of `field` that have a length.
  std::vector<std::string_view> all(uint32_t field) const {
    std::vector<std::string_view> values;
    std::string_view rest = rest_;
    while (!rest.empty()) {
      const uint64_t tag = varint(rest);
      const uint64_t value = varint(rest);
      if ((tag & 7) == 0) continue;
      EXPECT_EQ(tag & 7, 2U);
      EXPECT_LE(value, rest.size());
      if (tag >> 3 == field) values.push_back(rest.substr(0, value));
      rest.remove_prefix(value);
    }
    return values;
  }
  std::string text(uint32_t field) const {
    const auto values = all(field);
    return values.empty() ? "" : std::string(values.front());
  }
  Reader at(uint32_t field) const { return Reader(all(field).at(0)); }
  // The value of the entry called `name` in a list of named values.
  Reader named(uint32_t field, std::string_view name) const {
    for (const std::string_view entry : all(field))
      if (Reader(entry).text(1) == name) return Reader(entry).at(2);
    ADD_FAILURE() << "no " << name;
    return Reader("");
  }

 private:
  static uint64_t varint(std::string_view& rest) {
    uint64_t value = 0;
    for (int shift = 0; !rest.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest.front());
      rest.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  std::string_view rest_;
};

constexpr const char* kDocument = R"({
  "swagger": "2.0",
  "info": {"title": "T", "version": "V"},
  "paths": {"/x/{name}": {
    "patch": {
      "operationId": "patchX",
      "consumes": ["a/b", "c/d"],
      "parameters": [
        {"name": "fieldValidation", "in": "query", "type": "string", "description": "d"},
        {"name": "body", "in": "body", "required": true, "schema": {"$ref": "#/definitions/X"}}],
      "responses": {"200": {"description": "OK", "schema": {"type": "string"}}},
      "x-kubernetes-group-version-kind": {"group": "g", "kind": "X", "version": "v1"}},
    "parameters": [{"name": "name", "in": "path", "type": "string", "required": true}]}},
  "definitions": {"X": {
    "type": "object",
    "required": ["a"],
    "properties": {
      "a": {"type": "array", "items": {"$ref": "#/definitions/Y"},
            "x-kubernetes-patch-merge-key": "name"},
      "b": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}},
      "c": {"type": "string", "enum": ["p", "q"], "description": "words"}}}}})";

class Gnostic : public testing::Test {
 protected:
  const std::string bytes_ = gnostic_document(json::parse(kDocument).as_object());
  const Reader document_{bytes_};
};

TEST_F(Gnostic, WritesDefinitions) {
  EXPECT_EQ(document_.text(1), "2.0");
  EXPECT_EQ(document_.at(2).text(1), "T");
  const Reader x = document_.at(9).named(1, "X");
  EXPECT_EQ(x.at(22).text(1), "object");
  EXPECT_EQ(x.text(19), "a");
  const Reader properties = x.at(25);
  const Reader a = properties.named(1, "a");
  EXPECT_EQ(a.at(23).at(1).text(1), "#/definitions/Y");
  EXPECT_EQ(a.named(31, "x-kubernetes-patch-merge-key").text(2), "\"name\"");
  EXPECT_EQ(properties.named(1, "b").at(21).at(1).text(2), "byte");
  EXPECT_EQ(properties.named(1, "c").all(20).size(), 2U);
  EXPECT_EQ(properties.named(1, "c").text(4), "words");
}

TEST_F(Gnostic, WritesOperations) {
  const Reader item = document_.at(8).named(2, "/x/{name}");
  const Reader patch = item.at(8);
  EXPECT_EQ(patch.text(5), "patchX");
  EXPECT_EQ(patch.all(7).size(), 2U);
  const auto parameters = patch.all(8);
  ASSERT_EQ(parameters.size(), 2U);
  const Reader query = Reader(parameters[0]).at(1).at(2).at(3);
  EXPECT_EQ(query.text(4), "fieldValidation");
  EXPECT_EQ(query.text(6), "string");
  EXPECT_EQ(Reader(parameters[1]).at(1).at(1).at(5).text(1), "#/definitions/X");
  EXPECT_EQ(patch.at(9).named(1, "200").at(1).text(1), "OK");
  EXPECT_EQ(patch.named(13, "x-kubernetes-group-version-kind").text(2),
            R"({"group":"g","kind":"X","version":"v1"})");
  EXPECT_EQ(item.at(9).at(1).at(2).at(4).text(4), "name");
}

TEST(Wire, WritesLongLengths) {
  const std::string bytes = std::move(Message().bytes(3, std::string(300, 'x'))).finish();
  EXPECT_EQ(bytes.substr(0, 3), std::string("\x1a\xac\x02"));
  EXPECT_EQ(bytes.size(), 303U);
}

}  // namespace
}  // namespace skiff::openapi
