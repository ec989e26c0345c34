// SPDX-License-Identifier: Apache-2.0
// A struct is the numbers of its fields that are not empty, each before its value, and a zero; a
// field's number is its row in the table, from 1. Sizes and integers are varints.
#include "api/pack.h"

#include <cstring>

#include "api/scalars.h"
#include "base/check.h"

namespace skiff::api {
namespace {

template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}

class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  void value(const TypeInfo& type, const void* value) {
    switch (type.form) {
      case Form::kBool:
        return number(as<bool>(value) ? 1 : 0);
      case Form::kInt32:
        return integer(as<int32_t>(value));
      case Form::kInt64:
        return integer(as<int64_t>(value));
      case Form::kDouble:
        out_.append(static_cast<const char*>(value), sizeof(double));
        return;
      case Form::kString:
        return text(as<std::string>(value));
      case Form::kBytes:
        return text(as<Bytes>(value).value);
      case Form::kRawJson:
        return text(as<RawJson>(value).text);
      case Form::kQuantity:
        return text(as<Quantity>(value).to_string());
      case Form::kIntOrString:
        return int_or_string(as<IntOrString>(value));
      case Form::kTime:
        return moment(as<Time>(value).at);
      case Form::kMicroTime:
        return moment(as<MicroTime>(value).at);
      case Form::kStruct:
      case Form::kUnion:
        return fields(type, value);
      case Form::kOptional:
      case Form::kBox:
        return maybe(type, value);
      case Form::kList:
        number(type.list->size(value));
        for (size_t i = 0; i < type.list->size(value); ++i)
          this->value(*type.element, type.list->at(const_cast<void*>(value), i));
        return;
      case Form::kMap:
        number(type.map->size(value));
        for_each_entry(type, value, [&](const std::string& key, const void* entry) {
          text(key);
          this->value(*type.element, entry);
        });
        return;
      case Form::kDocument:
        break;
    }
    CHECK(false && "only types with a table are packed");
  }

 private:
  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }
  // Small ones are short, negative ones too.
  void integer(int64_t value) {
    number(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
  }
  void moment(TimePoint at) { integer(at.time_since_epoch().count()); }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  void int_or_string(const IntOrString& value) {
    number(value.is_string() ? 1 : 0);
    if (value.is_string())
      text(value.text);
    else
      integer(value.number);
  }
  void maybe(const TypeInfo& type, const void* value) {
    const void* present = type.maybe->get(value);
    number(present ? 1 : 0);
    if (present) this->value(*type.element, present);
  }
  // What is all zeros is empty: an absent box, an empty text, a struct without fields.
  void fields(const TypeInfo& type, const void* object) {
    for (size_t i = 0; i < type.fields.size(); ++i) {
      const size_t begin = out_.size();
      number(i + 1);
      const size_t content = out_.size();
      value(*type.fields[i].type, member(object, type.fields[i]));
      if (out_.find_first_not_of('\0', content) == std::string::npos) out_.resize(begin);
    }
    number(0);
  }

  std::string& out_;
};

// Reads what a Packer of this process wrote: what does not fit is a fault of ours.
class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : rest_(packed) {}

  bool done() const { return rest_.empty(); }

  void value(const TypeInfo& type, void* into) {
    switch (type.form) {
      case Form::kBool:
        *static_cast<bool*>(into) = number() != 0;
        return;
      case Form::kInt32:
        *static_cast<int32_t*>(into) = static_cast<int32_t>(integer());
        return;
      case Form::kInt64:
        *static_cast<int64_t*>(into) = integer();
        return;
      case Form::kDouble:
        std::memcpy(into, take(sizeof(double)).data(), sizeof(double));
        return;
      case Form::kString:
        *static_cast<std::string*>(into) = text();
        return;
      case Form::kBytes:
        static_cast<Bytes*>(into)->value = text();
        return;
      case Form::kRawJson:
        static_cast<RawJson*>(into)->text = text();
        return;
      case Form::kQuantity: {
        auto quantity = Quantity::parse(text());
        CHECK(quantity.ok());
        *static_cast<Quantity*>(into) = *quantity;
        return;
      }
      case Form::kIntOrString:
        *static_cast<IntOrString*>(into) = number() == 1
                                               ? IntOrString(std::string(text()))
                                               : IntOrString(static_cast<int32_t>(integer()));
        return;
      case Form::kTime:
        static_cast<Time*>(into)->at = moment();
        return;
      case Form::kMicroTime:
        static_cast<MicroTime*>(into)->at = moment();
        return;
      case Form::kStruct:
      case Form::kUnion:
        while (const uint64_t field = number()) {
          CHECK(field <= type.fields.size());
          value(*type.fields[field - 1].type, member(into, type.fields[field - 1]));
        }
        return;
      case Form::kOptional:
      case Form::kBox:
        if (number() == 1) value(*type.element, type.maybe->emplace(into));
        return;
      case Form::kList:
        for (uint64_t left = number(); left > 0; --left)
          value(*type.element, type.list->append(into));
        return;
      case Form::kMap:
        for (uint64_t left = number(); left > 0; --left) {
          void* entry = type.map->insert(into, std::string(text()));
          value(*type.element, entry);
        }
        return;
      case Form::kDocument:
        break;
    }
    CHECK(false && "only types with a table are packed");
  }

 private:
  std::string_view take(size_t size) {
    CHECK(size <= rest_.size());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  int64_t integer() {
    const uint64_t value = number();
    return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }
  TimePoint moment() { return TimePoint(TimePoint::duration(integer())); }
  std::string_view text() { return take(number()); }

  std::string_view rest_;
};

}  // namespace

void pack(const TypeInfo& type, const void* object, std::string& out) {
  Packer(out).value(type, object);
}

void unpack(const TypeInfo& type, std::string_view packed, void* into) {
  Unpacker unpacker(packed);
  unpacker.value(type, into);
  CHECK(unpacker.done());
}

}  // namespace skiff::api
