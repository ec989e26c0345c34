// SPDX-License-Identifier: Apache-2.0
#include "api/protobuf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/any_object.h"
#include "api/compare.h"
#include "api/objects.h"
#include "api/random.h"

namespace skiff::api {
namespace {

// What a Go client writes, from the same tables: enough of an encoder to read our own reading.
class Encoder {
 public:
  static std::string message(const TypeInfo& type, const void* object, uint32_t outer = 0) {
    std::string out;
    std::set<uint32_t> embedded;
    for (const FieldInfo& field : type.fields) {
      // The message within this one that the field is in, if it is not here.
      const uint32_t inner = outer == 0 && field.outer > 0xff ? field.outer >> 8 : field.outer;
      if (field.outer == outer)
        out += repeated(field.number, *field.type, member(object, field));
      else if (inner >> 8 == outer && embedded.insert(inner).second)
        out += bytes(inner & 0xff, message(type, object, inner));
    }
    return out;
  }

  static std::string bytes(uint32_t number, std::string_view content) {
    return varint(number << 3 | 2) + varint(content.size()) + std::string(content);
  }
  static std::string number(uint32_t field, uint64_t value) {
    return varint(field << 3) + varint(value);
  }

 private:
  static std::string varint(uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
  }

  static std::string repeated(uint32_t number, const TypeInfo& type, const void* value) {
    std::string out;
    if (type.form == Form::kList) {
      for (size_t i = 0; i < type.list->size(value); ++i)
        out += one(number, *type.element, type.list->at(const_cast<void*>(value), i));
    } else if (type.form == Form::kMap) {
      for_each_entry(type, value, [&](const std::string& key, const void* entry) {
        const bool list = type.element->form == Form::kList;
        out += bytes(number, bytes(1, key) + (list ? bytes(2, repeated(1, *type.element, entry))
                                                   : one(2, *type.element, entry)));
      });
    } else if (type.maybe) {
      if (const void* present = type.maybe->get(value)) out = one(number, *type.element, present);
    } else {
      out = one(number, type, value);
    }
    return out;
  }

  template <class T>
  static std::string time(const T& t) {
    if (t.is_zero()) return "";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t.at);
    return number(1, static_cast<uint64_t>(seconds.time_since_epoch().count())) +
           number(2, static_cast<uint64_t>((t.at - seconds).count()));
  }

  static std::string one(uint32_t field, const TypeInfo& type, const void* value) {
    switch (type.form) {
      case Form::kBool:
        return number(field, *static_cast<const bool*>(value));
      case Form::kInt32:
        return number(field, static_cast<uint64_t>(int64_t{*static_cast<const int32_t*>(value)}));
      case Form::kInt64:
        return number(field, static_cast<uint64_t>(*static_cast<const int64_t*>(value)));
      case Form::kString:
        return bytes(field, *static_cast<const std::string*>(value));
      case Form::kBytes:
        return bytes(field, static_cast<const Bytes*>(value)->value);
      case Form::kQuantity:
        return bytes(field, bytes(1, static_cast<const Quantity*>(value)->to_string()));
      case Form::kIntOrString: {
        const auto& v = *static_cast<const IntOrString*>(value);
        return bytes(field, number(1, v.is_string()) +
                                number(2, static_cast<uint64_t>(int64_t{v.number})) +
                                bytes(3, v.text));
      }
      case Form::kTime:
        return bytes(field, time(*static_cast<const Time*>(value)));
      case Form::kMicroTime:
        return bytes(field, time(*static_cast<const MicroTime*>(value)));
      case Form::kDouble:
        return varint(field << 3 | 1) + std::string(static_cast<const char*>(value), 8);
      case Form::kRawJson:
        return bytes(field, bytes(1, static_cast<const RawJson*>(value)->text));
      default:
        return bytes(field, message(type, value));
    }
  }
};

TEST(Protobuf, ReadsEveryKind) {
  std::mt19937_64 random(5);
  for (const Kind* each : all_kinds()) {
    const Kind& kind = *each;
    for (int i = 0; i < 10; ++i) {
      AnyObject object(kind), again(kind);
      randomize(object.type(), object.data(), random, {.fill = 0.1 * i});
      const auto status =
          decode_protobuf(*kind.type, again.data(), Encoder::message(object.type(), object.data()));
      ASSERT_TRUE(status.ok()) << kind.kind << ": " << message(status);
      EXPECT_THAT(differences(object.type(), object.data(), again.data()), testing::IsEmpty())
          << kind.kind;
    }
  }
}

// Bytes as client-go writes them for {"metadata":{"name":"a"},"data":{"k":"v"}}.
TEST(Protobuf, ReadsTheEnvelopeOfGoClients) {
  const std::string raw(
      "\x0a\x0f\x0a\x01"
      "a"
      "\x12\x00\x1a\x00\x22\x00\x2a\x00\x32\x00\x38\x00"
      "\x12\x06\x0a\x01"
      "k\x12\x01"
      "v",
      25);
  const std::string body =
      std::string("k8s\0", 4) +
      Encoder::bytes(1, Encoder::bytes(1, "v1") + Encoder::bytes(2, "ConfigMap")) +
      Encoder::bytes(2, raw) + Encoder::bytes(3, "") + Encoder::bytes(4, "");
  const auto opened = open_protobuf(body);
  ASSERT_TRUE(opened.ok()) << message(opened.status());
  EXPECT_EQ(opened->apiVersion, "v1");
  EXPECT_EQ(opened->kind, "ConfigMap");
  const auto map = decode_protobuf<ConfigMap>(opened->raw);
  ASSERT_TRUE(map.ok()) << message(map.status());
  EXPECT_EQ(map->metadata.name, "a");
  EXPECT_EQ(map->data.at("k"), "v");
}

TEST(Protobuf, ReadsMessagesThatJsonInlines) {
  // Volume{name=1, volumeSource=2{emptyDir=2}}
  const auto volume =
      decode_protobuf<Volume>(Encoder::bytes(1, "v") + Encoder::bytes(2, Encoder::bytes(2, "")));
  ASSERT_TRUE(volume.ok());
  EXPECT_EQ(volume->name, "v");
  EXPECT_TRUE(volume->emptyDir.has_value());
  // SecretKeySelector{localObjectReference=1{name=1}, key=2}
  const auto selector = decode_protobuf<SecretKeySelector>(
      Encoder::bytes(1, Encoder::bytes(1, "s")) + Encoder::bytes(2, "k"));
  ASSERT_TRUE(selector.ok());
  EXPECT_EQ(selector->name, "s");
  EXPECT_EQ(selector->key, "k");
}

TEST(Protobuf, PassesOverUnknownFields) {
  const auto map = decode_protobuf<ConfigMap>(Encoder::bytes(99, "x") + Encoder::number(98, 7) +
                                              Encoder::number(4, 1));
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->immutable, true);
}

TEST(Protobuf, RefusesGarbage) {
  for (const std::string& raw :
       {std::string("\x0a"), std::string("\x0a\x05x"), std::string("\xff"), std::string("\x0b"),
        std::string("\x0a\x03\x0a\x01\xff"), std::string("\x08\x01"), std::string(3, '\0')})
    EXPECT_FALSE(decode_protobuf<ConfigMap>(raw).ok());
  EXPECT_FALSE(open_protobuf("{}").ok());
  EXPECT_FALSE(open_protobuf(std::string("k8s\0\xff", 5)).ok());
  std::mt19937_64 random(9);
  for (int i = 0; i < 2000; ++i) {
    Pod pod = random_object<Pod>(random);
    std::string raw = Encoder::message(type_of<Pod>(), &pod);
    if (raw.empty()) continue;
    raw[random() % raw.size()] = static_cast<char>(random());
    raw.resize(random() % (raw.size() + 1));
    (void)decode_protobuf<Pod>(raw);
  }
}

}  // namespace
}  // namespace skiff::api
