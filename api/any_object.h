// SPDX-License-Identifier: Apache-2.0
// AnyObject: an object whose kind is known at run time only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/codec.h"
#include "api/kind.h"
#include "api/meta.h"
#include "base/check.h"

namespace skiff::api {

// Owns one object of a Kind; copies are deep. Empty until it is given a kind.
class AnyObject {
 public:
  AnyObject() = default;
  explicit AnyObject(const Kind& kind);
  AnyObject(const AnyObject& other);
  AnyObject(AnyObject&&) noexcept = default;
  AnyObject& operator=(const AnyObject& other);
  AnyObject& operator=(AnyObject&&) noexcept = default;

  template <class T>
  static AnyObject of(T object) {
    AnyObject any(kind_of<T>());
    any.as<T>() = std::move(object);
    return any;
  }
  static Result<AnyObject> from_json(const Kind& kind, std::string_view json,
                                     DecodeReport* report = nullptr);

  explicit operator bool() const { return data_ != nullptr; }
  const Kind& kind() const { return *kind_; }
  const TypeInfo& type() const { return *kind_->type; }
  void* data() { return data_.get(); }
  const void* data() const { return data_.get(); }

  // The kind must be one with ObjectMeta.
  ObjectMeta& metadata() { return *static_cast<ObjectMeta*>(find("metadata")); }
  const ObjectMeta& metadata() const {
    return *static_cast<const ObjectMeta*>(std::as_const(*this).find("metadata"));
  }

  // The member called `name`, or null; its type is type().field(name)->type.
  void* find(std::string_view name);
  const void* find(std::string_view name) const;

  template <class T>
  T& as() {
    CHECK(data_ != nullptr && kind_->type == &type_of<T>());
    return *static_cast<T*>(data_.get());
  }
  template <class T>
  const T& as() const {
    CHECK(data_ != nullptr && kind_->type == &type_of<T>());
    return *static_cast<const T*>(data_.get());
  }
  // As as(), but null if it is another kind.
  template <class T>
  T* try_as() {
    return data_ && kind_->type == &type_of<T>() ? static_cast<T*>(data_.get()) : nullptr;
  }
  template <class T>
  const T* try_as() const {
    return data_ && kind_->type == &type_of<T>() ? static_cast<const T*>(data_.get()) : nullptr;
  }

  std::string to_json() const;  // with kind and apiVersion

 private:
  struct Destroy {
    const TypeInfo* type;
    void operator()(void* data) const { type->value->destroy(data); }
  };
  const Kind* kind_ = nullptr;
  std::unique_ptr<void, Destroy> data_;
};

}  // namespace skiff::api
