// SPDX-License-Identifier: Apache-2.0
#include "api/any_object.h"

namespace skiff::api {

AnyObject::AnyObject(const Kind& kind)
    : kind_(&kind), data_(kind.type->value->create(), Destroy{kind.type}) {}

AnyObject::AnyObject(const AnyObject& other) : kind_(other.kind_) {
  if (!other.data_) return;
  data_ = {type().value->create(), Destroy{kind_->type}};
  assign(type(), data_.get(), other.data_.get());
}

AnyObject& AnyObject::operator=(const AnyObject& other) {
  if (this != &other) *this = AnyObject(other);
  return *this;
}

Result<AnyObject> AnyObject::from_json(const Kind& kind, std::string_view json,
                                       DecodeReport* report) {
  AnyObject object(kind);
  RETURN_IF_ERROR(decode(*kind.type, object.data(), json, report));
  return object;
}

const void* AnyObject::find(std::string_view name) const {
  const FieldInfo* field = type().field(name);
  return field ? member(data_.get(), *field) : nullptr;
}

void* AnyObject::find(std::string_view name) {
  return const_cast<void*>(std::as_const(*this).find(name));
}

std::string AnyObject::to_json() const {
  std::string out;
  encode(kind(), data(), out);
  return out;
}

}  // namespace skiff::api
