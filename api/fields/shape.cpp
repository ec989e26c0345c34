// SPDX-License-Identifier: Apache-2.0
#include "api/fields/shape.h"

#include <algorithm>

#include "api/text.h"

namespace skiff::api {

Shape::Shape(const TypeInfo* type, const FieldInfo* field) : type_(type), field_(field) {
  while (type_ != nullptr && type_->maybe != nullptr) type_ = type_->element;
}

Shape::Node Shape::node() const {
  if (type_ == nullptr) return Node::kLeaf;
  switch (type_->form) {
    case Form::kStruct:
      return Node::kStruct;
    case Form::kMap:
      return Node::kMap;
    case Form::kList:
      return Node::kList;
    default:
      return Node::kLeaf;
  }
}

bool Shape::atomic() const {
  if (node() == Node::kList) return field_ == nullptr || field_->list == ListType::kAtomic;
  if (field_ != nullptr && field_->atomic) return true;
  return type_ != nullptr && type_->atomic && !(field_ != nullptr && field_->granular);
}

std::optional<Shape> Shape::field(std::string_view name) const {
  const FieldInfo* found = type_->field(name);
  if (found == nullptr) return std::nullopt;
  return Shape(found->type, found);
}

Shape Shape::element() const {
  return Shape(type_->element, nullptr);
}

ListType Shape::list_type() const {
  return field_->list;
}

std::vector<ShapeKey> Shape::keys() const {
  std::vector<ShapeKey> keys;
  const Shape item = element();
  for (const std::string_view name : split(field_->keys, ',')) {
    const FieldInfo* key = item.node() == Node::kStruct ? item.type_->field(name) : nullptr;
    keys.push_back({name, key != nullptr ? key->fallback : std::string_view()});
  }
  std::ranges::sort(keys, {}, &ShapeKey::name);
  return keys;
}

}  // namespace skiff::api
