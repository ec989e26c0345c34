// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/object.h"

#include "api/codec.h"
#include "api/compare.h"

namespace skiff::apiserver {
namespace {

bool same_value(const Object& a, const Object& b, const api::FieldInfo& field) {
  return api::equal(*field.type, api::member(a.data(), field), api::member(b.data(), field));
}

}  // namespace

void copy_field(Object& to, std::string_view name, const Object& from) {
  const api::FieldInfo* field = to.type().field(name);
  if (field == nullptr) return;
  api::assign(*field->type, api::member(to.data(), *field), api::member(from.data(), *field));
}

void clear_field(Object& object, std::string_view name) {
  copy_field(object, name, Object(object.kind()));
}

bool same_field(const Object& a, const Object& b, std::string_view name) {
  const api::FieldInfo* field = a.type().field(name);
  return field == nullptr || same_value(a, b, *field);
}

bool same_spec(const Object& a, const Object& b) {
  for (const api::FieldInfo& field : a.type().fields)
    if (field.name != "metadata" && field.name != "status" && !same_value(a, b, field))
      return false;
  return true;
}

}  // namespace skiff::apiserver
