// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/object.h"

#include "api/codec.h"

namespace skiff::apiserver {
namespace {

bool same_value(const Object& a, const Object& b, const api::FieldInfo& field) {
  std::string left;
  std::string right;
  api::encode(*field.type, api::member(a.data(), field), left);
  api::encode(*field.type, api::member(b.data(), field), right);
  return left == right;
}

// The operations of a type exist for structs and scalars; lists, maps and boxes go through JSON.
void assign(const api::FieldInfo& field, Object& to, const Object& from) {
  void* target = api::member(to.data(), field);
  const void* source = api::member(from.data(), field);
  if (field.type->value != nullptr) {
    field.type->value->assign(target, source);
    return;
  }
  std::string json;
  api::encode(*field.type, source, json);
  (void)api::decode(*field.type, target, json);
}

}  // namespace

void copy_field(Object& to, std::string_view name, const Object& from) {
  if (const api::FieldInfo* field = to.type().field(name)) assign(*field, to, from);
}

void clear_field(Object& object, std::string_view name) {
  copy_field(object, name, Object(object.kind()));
}

bool same_field(const Object& a, const Object& b, std::string_view name) {
  const api::FieldInfo* field = a.type().field(name);
  return field == nullptr || same_value(a, b, *field);
}

bool same_spec(const Object& a, const Object& b) {
  for (const api::FieldInfo& field : a.type().fields) {
    if (field.name == "metadata" || field.name == "status") continue;
    if (!same_value(a, b, field)) return false;
  }
  return true;
}

}  // namespace skiff::apiserver
