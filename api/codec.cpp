// SPDX-License-Identifier: Apache-2.0
// The decoder. Its counterpart is in encode.cpp.
#include "api/codec.h"

#include <absl/strings/escaping.h>

#include <charconv>

#include "api/document.h"
#include "api/field_name.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/scalars.h"
#include "base/check.h"

namespace skiff::api {
namespace {

namespace json = boost::json;
using Token = JsonReader::Token;

// Strict decoding of Kubernetes stops telling after so many problems, too.
constexpr size_t kMaxProblems = 100;

std::string_view name_of(Token token) {
  switch (token) {
    case Token::kObject:
      return "object";
    case Token::kArray:
      return "array";
    case Token::kString:
      return "string";
    case Token::kNumber:
      return "number";
    case Token::kTrue:
    case Token::kFalse:
      return "boolean";
    case Token::kNull:
      return "null";
    default:
      return "nothing";
  }
}

class Decoder {
 public:
  Decoder(std::string_view json, DecodeReport* report) : json_(json, kMaxDepth), report_(report) {}

  skiff::Status run(const TypeInfo& type, void* into) {
    top_ = &type;
    if (value(type, into)) json_.finish();
    if (!json_.ok()) return json_.error();
    return error_;
  }

 private:
  bool value(const TypeInfo& type, void* into);
  bool structure(const TypeInfo& type, void* into);
  bool alternative(const TypeInfo& type, void* into);
  bool document(Document& into);
  bool any(json::value& into);
  bool any_object(json::object& into);
  bool any_member(const std::string& key, json::object& into);
  bool any_number(json::value& into);
  bool list(const TypeInfo& type, void* into);
  bool map(const TypeInfo& type, void* into);
  bool scalar(const TypeInfo& type, void* into);
  bool text(const TypeInfo& type, void* into);
  template <class T>
  bool integer(T& into);
  bool unknown_field();

  void problem(std::string_view kind, std::string_view field) {
    if (!report_ || report_->problems.size() >= kMaxProblems) return;
    const FieldName::Scope scope(path_, field);
    report_->problems.push_back(fmt::format("{} field \"{}\"", kind, path_.to_string()));
  }
  // Here, where the path ends.
  void duplicate() {
    if (report_ && report_->problems.size() < kMaxProblems)
      report_->problems.push_back(fmt::format("duplicate field \"{}\"", path_.to_string()));
  }
  bool mismatch(std::string_view expected) {
    const Token token = json_.peek();
    if (token == Token::kEnd || token == Token::kBad) return json_.skip();
    return refuse(fmt::format("expected {}, got {}", expected, name_of(token)));
  }
  bool refuse(std::string_view what) {
    const std::string path = path_.to_string();
    error_ = path.empty() ? invalid_argument("{}", what) : invalid_argument("{}: {}", path, what);
    return false;
  }

  JsonReader json_;
  DecodeReport* report_;
  const TypeInfo* top_ = nullptr;
  FieldName path_;
  std::string scratch_;
  skiff::Status error_;
};

bool Decoder::value(const TypeInfo& type, void* into) {
  if (json_.peek() == Token::kNull && type.form != Form::kRawJson) {
    // As in Go: null takes a pointer, a list or a map away and leaves a plain field as it is.
    if (type.maybe) type.maybe->reset(into);
    if (type.list) type.list->clear(into);
    if (type.map) type.map->clear(into);
    return json_.read_null();
  }
  switch (type.form) {
    case Form::kStruct:
      return structure(type, into);
    case Form::kUnion:
      return alternative(type, into);
    case Form::kDocument:
      return document(*static_cast<Document*>(into));
    case Form::kOptional:
      return value(*type.element, type.maybe->emplace(into));
    case Form::kBox: {
      // The second of two duplicates adds to the first.
      const void* present = type.maybe->get(into);
      return value(*type.element, present ? const_cast<void*>(present) : type.maybe->emplace(into));
    }
    case Form::kList:
      return list(type, into);
    case Form::kMap:
      return map(type, into);
    default:
      return scalar(type, into);
  }
}

bool Decoder::structure(const TypeInfo& type, void* into) {
  if (json_.peek() != Token::kObject) return mismatch("object");
  const std::span<const FieldInfo> fields = type.fields;
  uint64_t seen = 0;
  static_assert(sizeof(seen) * 8 >= kMaxFields);
  size_t next = 0;  // documents mostly follow the order of the table
  for (bool more = json_.begin_object(); more; more = json_.next_member()) {
    const std::string_view key = json_.key();
    size_t i = next;
    size_t left = fields.size();
    for (; left > 0; --left, ++i) {
      if (i == fields.size()) i = 0;
      if (fields[i].name == key) break;
    }
    if (left == 0) {
      if (!unknown_field()) return false;
      continue;
    }
    const FieldInfo& field = fields[i];
    const uint64_t bit = uint64_t{1} << i;
    if (seen & bit) problem("duplicate", key);
    seen |= bit;
    next = i + 1 == fields.size() ? 0 : i + 1;
    const FieldName::Scope scope(path_, field.name);
    if (!value(*field.type, member(into, field))) return false;
  }
  return json_.ok();
}

// Whether JSON of this token can be a value of this type; enough to tell alternatives apart.
bool accepts(const TypeInfo& type, Token token) {
  switch (type.form) {
    case Form::kBool:
      return token == Token::kTrue || token == Token::kFalse;
    case Form::kList:
      return token == Token::kArray;
    case Form::kBox:
      return token == Token::kObject;
    default:
      return false;
  }
}

bool Decoder::alternative(const TypeInfo& type, void* into) {
  const Token token = json_.peek();
  for (const FieldInfo& field : type.fields)
    if (accepts(*field.type, token)) return value(*field.type, member(into, field));
  return mismatch(type.name);
}

bool Decoder::document(Document& into) {
  if (json_.peek() != Token::kObject) return mismatch("object");
  for (bool more = json_.begin_object(); more; more = json_.next_member()) {
    const std::string key(json_.key());
    const FieldName::Scope scope(path_, key);
    if (key == "metadata") {
      if (!value(type_of<ObjectMeta>(), &into.metadata)) return false;
    } else if (key == "apiVersion" || key == "kind") {
      if (!json_.skip()) return false;
    } else {
      if (!any_member(key, into.rest)) return false;
    }
  }
  return json_.ok();
}

bool Decoder::any(json::value& into) {
  switch (json_.peek()) {
    case Token::kObject:
      return any_object(into.emplace_object());
    case Token::kArray: {
      json::array& array = into.emplace_array();
      for (bool more = json_.begin_array(); more; more = json_.next_element()) {
        const FieldName::Scope scope(path_, static_cast<int>(array.size()));
        if (!any(array.emplace_back(nullptr))) return false;
      }
      return json_.ok();
    }
    case Token::kString:
      if (!json_.read_string(scratch_)) return false;
      into.emplace_string() = scratch_;
      return true;
    case Token::kNumber:
      return any_number(into);
    case Token::kTrue:
    case Token::kFalse:
      return json_.read_bool(into.emplace_bool());
    default:
      into.emplace_null();
      return json_.read_null();
  }
}

bool Decoder::any_object(json::object& into) {
  for (bool more = json_.begin_object(); more; more = json_.next_member()) {
    const std::string key(json_.key());
    const FieldName::Scope scope(path_, key);
    if (!any_member(key, into)) return false;
  }
  return json_.ok();
}

// The second of two duplicates takes the place of the first.
bool Decoder::any_member(const std::string& key, json::object& into) {
  if (into.contains(key)) duplicate();
  json::value content;
  if (!any(content)) return false;
  into[key] = std::move(content);
  return true;
}

bool Decoder::any_number(json::value& into) {
  std::string_view digits;
  if (!json_.read_number(digits)) return false;
  const char* end = digits.data() + digits.size();
  int64_t integer = 0;
  if (const auto read = std::from_chars(digits.data(), end, integer);
      read.ec == std::errc() && read.ptr == end) {
    into = integer;
    return true;
  }
  double number = 0;
  if (std::from_chars(digits.data(), end, number).ec != std::errc())
    return refuse(fmt::format("{} is out of range", digits));
  into = number;
  return true;
}

bool Decoder::unknown_field() {
  const std::string key(json_.key());
  // Objects carry apiVersion and kind beside the fields of their type, at the top and within lists.
  const bool names_type = key == "apiVersion" || key == "kind";
  if (!(names_type && (path_.empty() || path_.is_item_of(top_->name == "List" ? "items" : ""))))
    problem("unknown", key);
  return json_.skip();
}

bool Decoder::list(const TypeInfo& type, void* into) {
  if (json_.peek() != Token::kArray) return mismatch("array");
  type.list->clear(into);
  int index = 0;
  for (bool more = json_.begin_array(); more; more = json_.next_element(), ++index) {
    const FieldName::Scope scope(path_, index);
    if (!value(*type.element, type.list->append(into))) return false;
  }
  return json_.ok();
}

bool Decoder::map(const TypeInfo& type, void* into) {
  if (json_.peek() != Token::kObject) return mismatch("object");
  type.map->clear(into);
  size_t size = 0;
  for (bool more = json_.begin_object(); more; more = json_.next_member()) {
    std::string key(json_.key());
    const FieldName::Scope scope(path_, FieldName::Key{key});
    void* entry = type.map->insert(into, std::string(key));
    if (type.map->size(into) == size) {
      duplicate();
    } else {
      ++size;
    }
    if (!value(*type.element, entry)) return false;
  }
  return json_.ok();
}

template <class T>
bool Decoder::integer(T& into) {
  if (json_.peek() != Token::kNumber) return mismatch("integer");
  std::string_view digits;
  if (!json_.read_number(digits)) return false;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
  if (error == std::errc::result_out_of_range)
    return refuse(fmt::format("{} is out of range for a {}-bit integer", digits, sizeof(T) * 8));
  if (end != digits.data() + digits.size())
    return refuse(fmt::format("expected integer, got {}", digits));
  return true;
}

bool Decoder::scalar(const TypeInfo& type, void* into) {
  switch (type.form) {
    case Form::kBool: {
      const Token token = json_.peek();
      if (token != Token::kTrue && token != Token::kFalse) return mismatch("boolean");
      return json_.read_bool(*static_cast<bool*>(into));
    }
    case Form::kInt32:
      return integer(*static_cast<int32_t*>(into));
    case Form::kInt64:
      return integer(*static_cast<int64_t*>(into));
    case Form::kDouble: {
      if (json_.peek() != Token::kNumber) return mismatch("number");
      std::string_view digits;
      if (!json_.read_number(digits)) return false;
      const auto result = std::from_chars(digits.data(), digits.data() + digits.size(),
                                          *static_cast<double*>(into));
      return result.ec == std::errc() || refuse(fmt::format("{} is out of range", digits));
    }
    case Form::kString:
      if (json_.peek() != Token::kString) return mismatch("string");
      return json_.read_string(*static_cast<std::string*>(into));
    case Form::kRawJson: {
      std::string_view raw;
      if (!json_.skip(&raw)) return false;
      static_cast<RawJson*>(into)->text = raw == "null" ? std::string() : compact_json(raw);
      return true;
    }
    default:
      return text(type, into);
  }
}

// The scalars that JSON writes as strings, some of them also as numbers.
bool Decoder::text(const TypeInfo& type, void* into) {
  const bool number_too = type.form == Form::kQuantity || type.form == Form::kIntOrString;
  if (number_too && json_.peek() == Token::kNumber) {
    if (type.form == Form::kIntOrString) {
      auto& target = *static_cast<IntOrString*>(into);
      target = IntOrString();
      return integer(target.number);
    }
    std::string_view digits;
    if (!json_.read_number(digits)) return false;
    scratch_ = digits;
  } else if (json_.peek() != Token::kString) {
    return mismatch(number_too ? "string or number" : "string");
  } else if (!json_.read_string(scratch_)) {
    return false;
  }
  const auto assign = [&](auto& target, auto parsed) {
    if (!parsed.ok()) return refuse(message(parsed.status()));
    target = *std::move(parsed);
    return true;
  };
  switch (type.form) {
    case Form::kQuantity:
      return assign(*static_cast<Quantity*>(into), Quantity::parse(scratch_));
    case Form::kIntOrString:
      *static_cast<IntOrString*>(into) = IntOrString(scratch_);
      return true;
    case Form::kTime:
      return assign(*static_cast<Time*>(into), Time::parse(scratch_));
    case Form::kMicroTime:
      return assign(*static_cast<MicroTime*>(into), MicroTime::parse(scratch_));
    case Form::kBytes:
      return absl::Base64Unescape(scratch_, &static_cast<Bytes*>(into)->value) ||
             refuse("expected base64");
    default:
      CHECK(false && "a form without a decoder");
  }
}

}  // namespace

skiff::Status decode(const TypeInfo& type, void* into, std::string_view json,
                     DecodeReport* report) {
  return Decoder(json, report).run(type, into);
}

Result<TypeNames> peek_type(std::string_view json) {
  JsonReader reader(json, kMaxDepth);
  TypeNames names;
  if (reader.peek() != JsonReader::Token::kObject)
    return reader.ok() ? invalid_argument("expected a JSON object") : reader.error();
  for (bool more = reader.begin_object(); more; more = reader.next_member()) {
    std::string* into = reader.key() == "apiVersion" ? &names.apiVersion
                        : reader.key() == "kind"     ? &names.kind
                                                     : nullptr;
    if (into && reader.peek() == JsonReader::Token::kString)
      reader.read_string(*into);
    else
      reader.skip();
    if (!names.apiVersion.empty() && !names.kind.empty()) return names;
  }
  if (!reader.ok()) return reader.error();
  return names;
}

}  // namespace skiff::api
