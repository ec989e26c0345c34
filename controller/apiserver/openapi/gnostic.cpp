// SPDX-License-Identifier: Apache-2.0
// The numbers are those of OpenAPIv2.proto; each function writes the message it is named after.
#include "controller/apiserver/openapi/gnostic.h"

#include "controller/apiserver/openapi/wire.h"

namespace skiff::openapi {
namespace {

namespace json = boost::json;

std::string_view view(json::string_view text) {
  return {text.data(), text.size()};
}

void text_field(Message& message, uint32_t field, const json::object& object, const char* name) {
  if (const json::value* value = object.if_contains(name))
    message.bytes(field, view(value->as_string()));
}

void text_fields(Message& message, uint32_t field, const json::object& object, const char* name) {
  if (const json::value* list = object.if_contains(name))
    for (const json::value& value : list->as_array()) message.bytes(field, view(value.as_string()));
}

// Any: as YAML, of which JSON is a part.
Message any(const json::value& value) {
  return std::move(Message().bytes(2, json::serialize(value)));
}

// NamedAny for each member called x-….
void extensions(Message& message, uint32_t field, const json::object& object) {
  for (const auto& [name, value] : object)
    if (view(name).starts_with("x-"))
      message.message(field, Message().bytes(1, view(name)).message(2, any(value)));
}

Message schema(const json::object& object) {
  Message out;
  text_field(out, 1, object, "$ref");
  text_field(out, 2, object, "format");
  text_field(out, 4, object, "description");
  text_fields(out, 19, object, "required");
  if (const json::value* values = object.if_contains("enum"))
    for (const json::value& value : values->as_array()) out.message(20, any(value));
  if (const json::value* more = object.if_contains("additionalProperties"))
    out.message(21, Message().message(1, schema(more->as_object())));
  if (const json::value* type = object.if_contains("type"))
    out.message(22, Message().bytes(1, view(type->as_string())));
  if (const json::value* items = object.if_contains("items"))
    out.message(23, Message().message(1, schema(items->as_object())));
  if (const json::value* members = object.if_contains("properties")) {
    Message properties;
    for (const auto& [name, value] : members->as_object())
      properties.message(1, Message().bytes(1, view(name)).message(2, schema(value.as_object())));
    out.message(25, properties);
  }
  extensions(out, 31, object);
  return out;
}

Message body_parameter(const json::object& object) {
  Message out;
  text_field(out, 1, object, "description");
  text_field(out, 2, object, "name");
  text_field(out, 3, object, "in");
  out.boolean(4, object.at("required").as_bool());
  out.message(5, schema(object.at("schema").as_object()));
  return out;
}

// QueryParameterSubSchema or PathParameterSubSchema, which differ in the numbers of two fields.
Message plain_parameter(const json::object& object, bool in_path) {
  Message out;
  if (in_path) out.boolean(1, true);
  text_field(out, 2, object, "in");
  text_field(out, 3, object, "description");
  text_field(out, 4, object, "name");
  text_field(out, in_path ? 5 : 6, object, "type");
  return out;
}

Message parameters_item(const json::object& object) {
  const std::string_view in = view(object.at("in").as_string());
  Message parameter;
  if (in == "body") {
    parameter.message(1, body_parameter(object));
  } else {
    const bool in_path = in == "path";
    parameter.message(2, Message().message(in_path ? 4 : 3, plain_parameter(object, in_path)));
  }
  return std::move(Message().message(1, parameter));
}

void parameters(Message& message, uint32_t field, const json::object& object) {
  if (const json::value* list = object.if_contains("parameters"))
    for (const json::value& one : list->as_array())
      message.message(field, parameters_item(one.as_object()));
}

Message responses(const json::object& object) {
  Message out;
  for (const auto& [code, value] : object) {
    Message response;
    text_field(response, 1, value.as_object(), "description");
    response.message(2, Message().message(1, schema(value.at("schema").as_object())));
    out.message(1, Message().bytes(1, view(code)).message(2, Message().message(1, response)));
  }
  return out;
}

Message operation(const json::object& object) {
  Message out;
  text_field(out, 5, object, "operationId");
  text_fields(out, 7, object, "consumes");
  parameters(out, 8, object);
  out.message(9, responses(object.at("responses").as_object()));
  extensions(out, 13, object);
  return out;
}

Message path_item(const json::object& object) {
  static constexpr std::pair<const char*, uint32_t> kMethods[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  Message out;
  for (const auto& [method, field] : kMethods)
    if (const json::value* value = object.if_contains(method))
      out.message(field, operation(value->as_object()));
  parameters(out, 9, object);
  return out;
}

}  // namespace

std::string gnostic_document(const json::object& document) {
  Message out;
  text_field(out, 1, document, "swagger");
  Message info;
  text_field(info, 1, document.at("info").as_object(), "title");
  text_field(info, 2, document.at("info").as_object(), "version");
  out.message(2, info);
  Message paths;
  for (const auto& [path, item] : document.at("paths").as_object())
    paths.message(2, Message().bytes(1, view(path)).message(2, path_item(item.as_object())));
  out.message(8, paths);
  Message definitions;
  for (const auto& [name, value] : document.at("definitions").as_object())
    definitions.message(1, Message().bytes(1, view(name)).message(2, schema(value.as_object())));
  out.message(9, definitions);
  return std::move(out).finish();
}

}  // namespace skiff::openapi
