// SPDX-License-Identifier: Apache-2.0
#include "api/protobuf.h"

#include <cstring>

#include "api/codec.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/scalars.h"

namespace skiff::api {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);

enum class Wire : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// One field of a message: a number, or bytes (a string or a message).
struct Field {
  uint32_t number = 0;
  Wire wire = Wire::kVarint;
  uint64_t varint = 0;
  std::string_view bytes;
};

// Takes the fields off a message, one after another.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  bool read_varint(uint64_t& out) {
    out = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest_[0]);
      rest_.remove_prefix(1);
      out |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool read(Field& field) {
    uint64_t tag;
    if (!read_varint(tag) || tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) return false;
    field.number = static_cast<uint32_t>(tag >> 3);
    field.wire = static_cast<Wire>(tag & 7);
    switch (field.wire) {
      case Wire::kVarint:
        return read_varint(field.varint);
      case Wire::kFixed64:
        return take(8, field.bytes);
      case Wire::kFixed32:
        return take(4, field.bytes);
      case Wire::kBytes: {
        uint64_t size;
        return read_varint(size) && take(size, field.bytes);
      }
    }
    return false;  // groups are not used by any of these messages
  }

 private:
  bool take(uint64_t size, std::string_view& out) {
    if (size > rest_.size()) return false;
    out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
};

skiff::Status truncated() {
  return invalid_argument("malformed protobuf");
}

// Calls `visit(field)`, which returns a Status, for each field of a message.
template <class Visit>
skiff::Status each_field(std::string_view message, Visit&& visit) {
  WireReader reader(message);
  Field field;
  while (!reader.done()) {
    if (!reader.read(field)) return truncated();
    RETURN_IF_ERROR(visit(field));
  }
  return {};
}

class ProtobufDecoder {
 public:
  // `outer`: we are within a message that JSON inlines into its parent, or within one of those.
  skiff::Status message(const TypeInfo& type, void* into, std::string_view bytes,
                        uint32_t outer = 0) {
    if (++depth_ > kMaxDepth) return invalid_argument("nested too deep");
    const skiff::Status status = each_field(bytes, [&](const Field& field) -> skiff::Status {
      for (const FieldInfo& info : type.fields) {
        if (info.outer == outer && info.number == field.number)
          return annotated(value(*info.type, member(into, info), field), info.name);
        const uint32_t inner = outer << 8 | field.number;
        if (info.outer == inner || info.outer >> 8 == inner)
          return field.wire == Wire::kBytes ? message(type, into, field.bytes, inner) : truncated();
      }
      return {};
    });
    --depth_;
    return status;
  }

 private:
  static skiff::Status annotated(skiff::Status status, std::string_view name) {
    return status.ok() ? status : annotate(status, name);
  }

  skiff::Status value(const TypeInfo& type, void* into, const Field& field) {
    switch (type.form) {
      case Form::kOptional:
        return value(*type.element, type.maybe->emplace(into), field);
      case Form::kBox: {
        const void* present = type.maybe->get(into);
        return value(*type.element,
                     present ? const_cast<void*>(present) : type.maybe->emplace(into), field);
      }
      case Form::kList:
        return element(type, into, field);
      case Form::kBool:
      case Form::kInt32:
      case Form::kInt64:
        if (field.wire != Wire::kVarint) return truncated();
        store_number(type, into, field.varint);
        return {};
      case Form::kDouble: {
        if (field.wire != Wire::kFixed64) return truncated();
        std::memcpy(into, field.bytes.data(), sizeof(double));  // little-endian, as we are
        return {};
      }
      default:
        break;
    }
    if (field.wire != Wire::kBytes) return truncated();
    if (type.form == Form::kStruct || type.form == Form::kUnion)
      return message(type, into, field.bytes);
    if (type.form == Form::kMap) return entry(type, into, field.bytes);
    return scalar(type, into, field.bytes);
  }

  static void store_number(const TypeInfo& type, void* into, uint64_t number) {
    if (type.form == Form::kBool)
      *static_cast<bool*>(into) = number != 0;
    else if (type.form == Form::kInt32)
      *static_cast<int32_t*>(into) = static_cast<int32_t>(number);
    else
      *static_cast<int64_t*>(into) = static_cast<int64_t>(number);
  }

  skiff::Status element(const TypeInfo& list, void* into, const Field& field) {
    const bool number = list.element->form == Form::kInt32 || list.element->form == Form::kInt64;
    if (!number || field.wire != Wire::kBytes)
      return value(*list.element, list.list->append(into), field);
    WireReader packed(field.bytes);
    for (uint64_t v; !packed.done(); store_number(*list.element, list.list->append(into), v))
      if (!packed.read_varint(v)) return truncated();
    return {};
  }

  skiff::Status entry(const TypeInfo& map, void* into, std::string_view bytes) {
    std::string key;
    Field content{.wire = Wire::kBytes};
    RETURN_IF_ERROR(each_field(bytes, [&](const Field& field) -> skiff::Status {
      if (field.number == 1) key = field.bytes;
      if (field.number == 2) content = field;
      return {};
    }));
    if (!valid_utf8(key)) return invalid_argument("invalid UTF-8");
    void* target = map.map->insert(into, std::move(key));
    // A list as the value of a map is a message of its own, {items=1}.
    if (map.element->form == Form::kList)
      return each_field(content.bytes,
                        [&](const Field& item) { return element(*map.element, target, item); });
    return value(*map.element, target, content);
  }

  static skiff::Status text(std::string_view bytes, std::string& out) {
    if (!valid_utf8(bytes)) return invalid_argument("invalid UTF-8");
    out = bytes;
    return {};
  }

  // {seconds=1, nanos=2}; an empty message is an absent time.
  static skiff::Status moment(std::string_view bytes, TimePoint& out) {
    int64_t seconds = 0, nanos = 0;
    RETURN_IF_ERROR(each_field(bytes, [&](const Field& field) -> skiff::Status {
      if (field.number == 1) seconds = static_cast<int64_t>(field.varint);
      if (field.number == 2) nanos = static_cast<int64_t>(field.varint);
      return {};
    }));
    constexpr int64_t kLimit = 9'200'000'000;  // what 64 bits of nanoseconds hold
    if (seconds < -kLimit || seconds > kLimit || nanos < 0 || nanos > 999'999'999)
      return invalid_argument("time out of range");
    out = TimePoint(std::chrono::seconds(seconds)) + std::chrono::nanoseconds(nanos);
    return {};
  }

  static skiff::Status int_or_string(std::string_view bytes, IntOrString& out) {
    return each_field(bytes, [&](const Field& field) -> skiff::Status {
      if (field.number == 1)
        out.kind = field.varint == 0 ? IntOrString::Kind::kInt : IntOrString::Kind::kString;
      if (field.number == 2) out.number = static_cast<int32_t>(field.varint);
      if (field.number == 3) return text(field.bytes, out.text);
      return {};
    });
  }

  static skiff::Status scalar(const TypeInfo& type, void* into, std::string_view bytes) {
    switch (type.form) {
      case Form::kString:
        return text(bytes, *static_cast<std::string*>(into));
      case Form::kBytes:
        static_cast<Bytes*>(into)->value = bytes;
        return {};
      case Form::kIntOrString:
        return int_or_string(bytes, *static_cast<IntOrString*>(into));
      case Form::kTime: {
        TimePoint at;
        RETURN_IF_ERROR(moment(bytes, at));
        *static_cast<Time*>(into) = at;
        return {};
      }
      case Form::kMicroTime: {
        TimePoint at;
        RETURN_IF_ERROR(moment(bytes, at));
        *static_cast<MicroTime*>(into) = at;
        return {};
      }
      case Form::kQuantity:
        return each_field(bytes, [&](const Field& field) -> skiff::Status {
          if (field.number != 1) return {};
          ASSIGN_OR_RETURN(*static_cast<Quantity*>(into), Quantity::parse(field.bytes));
          return {};
        });
      case Form::kRawJson:
        return each_field(bytes, [&](const Field& field) -> skiff::Status {
          if (field.number != 1 || field.bytes.empty()) return {};
          JsonReader json(field.bytes, kMaxDepth);
          if (!json.skip() || !json.finish()) return json.error();
          static_cast<RawJson*>(into)->text = compact_json(field.bytes);
          return {};
        });
      default:
        return truncated();
    }
  }

  int depth_ = 0;
};

}  // namespace

Result<ProtobufBody> open_protobuf(std::string_view body) {
  if (!body.starts_with(kMagic))
    return invalid_argument("protobuf: the body does not begin with k8s\\0");
  ProtobufBody out;
  // runtime.Unknown{typeMeta{apiVersion=1, kind=2}=1, raw=2}
  RETURN_IF_ERROR(each_field(body.substr(kMagic.size()), [&](const Field& field) -> skiff::Status {
    if (field.number == 2) out.raw = field.bytes;
    if (field.number != 1) return {};
    return each_field(field.bytes, [&](const Field& name) -> skiff::Status {
      if (name.number == 1) out.apiVersion = name.bytes;
      if (name.number == 2) out.kind = name.bytes;
      return {};
    });
  }));
  return out;
}

skiff::Status decode_protobuf(const TypeInfo& type, void* into, std::string_view raw) {
  if (type.form == Form::kDocument)
    return invalid_argument("protobuf: custom resources have no such form");
  return annotate(ProtobufDecoder().message(type, into, raw), "protobuf");
}

}  // namespace skiff::api
