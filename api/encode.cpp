// SPDX-License-Identifier: Apache-2.0
#include <absl/strings/escaping.h>

#include "api/codec.h"
#include "api/document.h"
#include "api/json_writer.h"
#include "api/scalars.h"
#include "base/check.h"

namespace skiff::api {
namespace {

void write_value(const TypeInfo& type, const void* value, std::string& out);

// What Go's omitempty leaves out.
bool is_empty(const TypeInfo& type, const void* value) {
  switch (type.form) {
    case Form::kBool:
      return !*static_cast<const bool*>(value);
    case Form::kInt32:
      return *static_cast<const int32_t*>(value) == 0;
    case Form::kInt64:
      return *static_cast<const int64_t*>(value) == 0;
    case Form::kDouble:
      return *static_cast<const double*>(value) == 0;
    case Form::kString:
      return static_cast<const std::string*>(value)->empty();
    case Form::kBytes:
      return static_cast<const Bytes*>(value)->value.empty();
    case Form::kRawJson:
      return static_cast<const RawJson*>(value)->text.empty();
    case Form::kTime:
      return static_cast<const Time*>(value)->is_zero();
    case Form::kMicroTime:
      return static_cast<const MicroTime*>(value)->is_zero();
    case Form::kQuantity:
    case Form::kIntOrString:
    case Form::kStruct:
    case Form::kUnion:
    case Form::kDocument:
      return false;
    case Form::kOptional:
    case Form::kBox:
      return type.maybe->get(value) == nullptr;
    case Form::kList:
      return type.list->size(value) == 0;
    case Form::kMap:
      return type.map->size(value) == 0;
  }
  CHECK(false && "a form without a rule");
}

void write_fields(const TypeInfo& type, const void* object, bool first, std::string& out) {
  for (const FieldInfo& field : type.fields) {
    const void* value = member(object, field);
    if (!field.required && !field.null_zero && is_empty(*field.type, value)) continue;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += field.name;
    out += "\":";
    write_value(*field.type, value, out);
  }
  out += '}';
}

// The alternative that is there; the last one stands for a value of none.
void write_alternative(const TypeInfo& type, const void* value, std::string& out) {
  for (const FieldInfo& field : type.fields)
    if (!is_empty(*field.type, member(value, field)) || &field == &type.fields.back())
      return write_value(*field.type, member(value, field), out);
}

void write_document(const Document& document, std::string& out) {
  out += "\"metadata\":";
  write_value(type_of<ObjectMeta>(), &document.metadata, out);
  for (const auto& [key, value] : document.rest) {
    out += ',';
    write_json_string({key.data(), key.size()}, out);
    out += ':';
    write_json(value, out);
  }
  out += '}';
}

void write_list(const TypeInfo& type, const void* list, std::string& out) {
  out += '[';
  const size_t size = type.list->size(list);
  for (size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    write_value(*type.element, type.list->at(const_cast<void*>(list), i), out);
  }
  out += ']';
}

void write_map(const TypeInfo& type, const void* map, std::string& out) {
  out += '{';
  bool first = true;
  for_each_entry(type, map, [&](const std::string& key, const void* value) {
    if (!first) out += ',';
    first = false;
    write_json_string(key, out);
    out += ':';
    write_value(*type.element, value, out);
  });
  out += '}';
}

template <class T>
void write_time(const T& time, std::string& out) {
  if (time.is_zero()) {
    out += "null";
    return;
  }
  out += '"';
  out += time.to_string();
  out += '"';
}

void write_value(const TypeInfo& type, const void* value, std::string& out) {
  switch (type.form) {
    case Form::kBool:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Form::kInt32:
      return write_json_number(*static_cast<const int32_t*>(value), out);
    case Form::kInt64:
      return write_json_number(*static_cast<const int64_t*>(value), out);
    case Form::kDouble:
      return write_json_number(*static_cast<const double*>(value), out);
    case Form::kString:
      return write_json_string(*static_cast<const std::string*>(value), out);
    case Form::kBytes:
      out += '"';
      out += absl::Base64Escape(static_cast<const Bytes*>(value)->value);
      out += '"';
      return;
    case Form::kQuantity:
      out += '"';
      out += static_cast<const Quantity*>(value)->to_string();
      out += '"';
      return;
    case Form::kIntOrString: {
      const auto& v = *static_cast<const IntOrString*>(value);
      return v.is_int() ? write_json_number(v.number, out) : write_json_string(v.text, out);
    }
    case Form::kTime:
      return write_time(*static_cast<const Time*>(value), out);
    case Form::kMicroTime:
      return write_time(*static_cast<const MicroTime*>(value), out);
    case Form::kRawJson: {
      const std::string& text = static_cast<const RawJson*>(value)->text;
      out += text.empty() ? "null" : text;
      return;
    }
    case Form::kStruct:
      out += '{';
      return write_fields(type, value, true, out);
    case Form::kUnion:
      return write_alternative(type, value, out);
    case Form::kDocument:
      out += '{';
      return write_document(*static_cast<const Document*>(value), out);
    case Form::kOptional:
    case Form::kBox:
      if (const void* present = type.maybe->get(value))
        return write_value(*type.element, present, out);
      out += "null";
      return;
    case Form::kList:
      return write_list(type, value, out);
    case Form::kMap:
      return write_map(type, value, out);
  }
}

}  // namespace

void encode(const TypeInfo& type, const void* object, std::string& out) {
  write_value(type, object, out);
}

void encode(const Kind& kind, const void* object, std::string& out) {
  out += "{\"kind\":\"";
  out += kind.kind;
  out += "\",\"apiVersion\":\"";
  if (!kind.group.empty()) {
    out += kind.group;
    out += '/';
  }
  out += kind.version;
  out += '"';
  if (kind.type->form != Form::kDocument) return write_fields(*kind.type, object, false, out);
  out += ',';
  write_document(*static_cast<const Document*>(object), out);
}

}  // namespace skiff::api
