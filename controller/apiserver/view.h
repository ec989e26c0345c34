// SPDX-License-Identifier: Apache-2.0
// How a resource shows what the store keeps for another one: two versions of one kind
// (autoscaling), two groups with one (events). What is stored is the JSON of one of them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "controller/apiserver/object.h"
#include "controller/apiserver/resource.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

// Pure; both ways keep everything that the stored form has.
class View {
 public:
  virtual ~View() = default;
  // The object as the resource has it.
  virtual Result<Object> shown(std::string_view stored) const = 0;
  // The JSON to store.
  virtual std::string stored(const Object& shown) const = 0;
};

// Through the view of `resource`, if it has one.
Result<Object> object_from_stored(const Resource& resource, std::string_view stored);
std::string json_to_store(const Resource& resource, const Object& object);
// The bytes to answer with: those of the store themselves without a view.
Result<store::Bytes> bytes_to_show(const Resource& resource, const store::Bytes& stored);

// The view between two types, from `Shown show(const Stored&)` and `Stored store(const Shown&)`.
template <auto show, auto store, class Shown, class Stored>
class TypedView final : public View {
 public:
  Result<Object> shown(std::string_view stored) const override {
    ASSIGN_OR_RETURN(const Stored object, api::decode_json<Stored>(stored), "stored object");
    return Object::of<Shown>(show(object));
  }
  std::string stored(const Object& shown) const override {
    return api::encode_json(store(shown.as<Shown>()));
  }
};

template <class Shown, class Stored, Shown (*show)(const Stored&), Stored (*store)(const Shown&)>
std::shared_ptr<const View> view() {
  return std::make_shared<TypedView<show, store, Shown, Stored>>();
}

}  // namespace skiff::apiserver
