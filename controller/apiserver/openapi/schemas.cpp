// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/schemas.h"

#include "api/meta.h"

namespace skiff::openapi {
namespace {

using api::FieldInfo;
using api::Form;
using api::ListType;
using api::TypeInfo;

constexpr const char* kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
constexpr const char* kGvk = "x-kubernetes-group-version-kind";

json::object typed(const char* type, const char* format = nullptr) {
  json::object schema{{"type", type}};
  if (format != nullptr) schema["format"] = format;
  return schema;
}

json::array split(std::string_view list) {
  json::array out;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    out.push_back(text(list.substr(0, comma)));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return out;
}

// The struct, list or map itself behind what may be absent.
const TypeInfo& present(const TypeInfo& type) {
  const TypeInfo* present = &type;
  while (present->form == Form::kOptional || present->form == Form::kBox)
    present = present->element;
  return *present;
}

const char* patch_strategy(api::Patch patch) {
  switch (patch) {
    case api::Patch::kDefault:
      return nullptr;
    case api::Patch::kReplace:
      return "replace";
    case api::Patch::kMerge:
      return "merge";
    case api::Patch::kRetainKeys:
      return "retainKeys";
    case api::Patch::kMergeRetainKeys:
      return "merge,retainKeys";
  }
  return nullptr;
}

// How patches merge the field, and who may own which parts of it.
void add_merge_rules(const FieldInfo& field, json::object& schema) {
  const Form form = present(*field.type).form;
  if (form == Form::kList) {
    const bool map = field.list == ListType::kMap;
    if (map) schema["x-kubernetes-list-map-keys"] = split(field.keys);
    schema["x-kubernetes-list-type"] = map                            ? "map"
                                       : field.list == ListType::kSet ? "set"
                                                                      : "atomic";
  } else if (field.atomic || field.granular) {
    schema["x-kubernetes-map-type"] = field.atomic ? "atomic" : "granular";
  }
  if (!field.merge_key.empty()) schema["x-kubernetes-patch-merge-key"] = text(field.merge_key);
  if (const char* strategy = patch_strategy(field.patch))
    schema["x-kubernetes-patch-strategy"] = strategy;
}

void add_type_names(json::object& properties) {
  properties["apiVersion"] = {{"type", "string"},
                              {"description", "group and version of this representation"}};
  properties["kind"] = {{"type", "string"}, {"description", "what this object is"}};
}

}  // namespace

json::object reference(Dialect dialect, std::string_view definition) {
  std::string target = dialect == Dialect::kV2 ? "#/definitions/" : "#/components/schemas/";
  return {{"$ref", text(target.append(definition))}};
}

json::object gvk(std::string_view group, std::string_view version, std::string_view kind) {
  return {{"group", text(group)}, {"kind", text(kind)}, {"version", text(version)}};
}

std::string Schemas::add(const TypeInfo& type) {
  std::string name = type.definition();
  const auto [entry, fresh] =
      definitions_.try_emplace(name);  // first, as types may refer to themselves
  if (fresh) entry->second = schema_of(type);
  return name;
}

std::string Schemas::add_list(const api::Kind& kind) {
  std::string name = std::string(kind.type->package).append(kind.listKind);
  if (definitions_.contains(name)) return name;
  json::object properties;
  add_type_names(properties);
  properties["items"] = {{"type", "array"}, {"items", reference(dialect_, add(*kind.type))}};
  properties["metadata"] = reference(dialect_, add(api::type_of<api::ListMeta>()));
  definitions_[name] = {
      {"type", "object"},
      {"description", text(std::string(kind.listKind) + " is what a list answers")},
      {"required", json::array{"items"}},
      {"properties", std::move(properties)},
      {kGvk, json::array{gvk(kind.group, kind.version, kind.listKind)}}};
  return name;
}

std::string Schemas::add_patch() {
  std::string name = std::string(kMeta) + "Patch";
  definitions_[name] = {{"type", "object"}, {"description", "the changes of a PATCH request"}};
  return name;
}

json::object Schemas::finish() && {
  json::object out;
  for (auto& [name, schema] : definitions_) out[name] = std::move(schema);
  return out;
}

json::object Schemas::struct_schema(const TypeInfo& type) {
  const api::Kind* kind = api::find_kind(type);
  json::object properties;
  if (kind != nullptr) add_type_names(properties);
  json::array required;
  for (const FieldInfo& field : type.fields) {
    properties[key(field.name)] = property(field);
    if (field.required) required.push_back(text(field.name));
  }
  json::object schema = typed("object");
  if (!required.empty()) schema["required"] = std::move(required);
  if (!properties.empty()) schema["properties"] = std::move(properties);
  if (type.atomic) schema["x-kubernetes-map-type"] = "atomic";
  if (kind != nullptr) schema[kGvk] = json::array{gvk(kind->group, kind->version, kind->kind)};
  return schema;
}

json::object Schemas::schema_of(const TypeInfo& type) {
  switch (type.form) {
    case Form::kStruct:
      return struct_schema(type);
    case Form::kUnion:
    case Form::kRawJson:
      return {};  // of several shapes, for which neither dialect has a word
    default:
      return scalar_schema(type);
  }
}

json::object Schemas::scalar_schema(const TypeInfo& type) const {
  const bool v3 = dialect_ == Dialect::kV3;
  switch (type.form) {
    case Form::kQuantity:
      if (v3) return {{"oneOf", {typed("string"), typed("number")}}};
      return typed("string");
    case Form::kIntOrString:
      if (v3) return {{"format", "int-or-string"}, {"oneOf", {typed("integer"), typed("string")}}};
      return typed("string", "int-or-string");
    default:
      return typed("string", "date-time");
  }
}

json::object Schemas::property(const FieldInfo& field) {
  json::object schema = value_schema(*field.type);
  json::object more;
  if (!field.doc.empty()) more["description"] = text(field.doc);
  if (!field.values.empty() && present(*field.type).form == Form::kString)
    more["enum"] = split(field.values);
  add_merge_rules(field, more);
  // In v3, whatever stands beside a $ref is ignored.
  if (dialect_ == Dialect::kV3 && schema.contains("$ref") && !more.empty())
    schema = {{"allOf", json::array{std::move(schema)}}};
  for (auto& [name, value] : more) schema[name] = std::move(value);
  return schema;
}

json::object Schemas::value_schema(const TypeInfo& type) {
  switch (type.form) {
    case Form::kBool:
      return typed("boolean");
    case Form::kInt32:
      return typed("integer", "int32");
    case Form::kInt64:
      return typed("integer", "int64");
    case Form::kDouble:
      return typed("number", "double");
    case Form::kString:
      return typed("string");
    case Form::kBytes:
      return typed("string", "byte");
    case Form::kRawJson:
      if (type.package.empty()) return typed("object");
      return reference(dialect_, add(type));
    case Form::kOptional:
    case Form::kBox:
      return value_schema(*type.element);
    case Form::kList:
      return {{"type", "array"}, {"items", value_schema(*type.element)}};
    case Form::kMap:
      return {{"type", "object"}, {"additionalProperties", value_schema(*type.element)}};
    default:
      return reference(dialect_, add(type));
  }
}

}  // namespace skiff::openapi
