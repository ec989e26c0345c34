// SPDX-License-Identifier: Apache-2.0
#include "api/fields/structured_value.h"

#include <fmt/format.h>

namespace skiff::api::structured {
namespace {

bool fits(Shape::Node node, const Value* value) {
  if (value == nullptr) return true;
  return node == Shape::Node::kList ? value->is_array() : value->is_object();
}

}  // namespace

const Value* member_of(const Value* object, std::string_view name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const Value* found = object->get_object().if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Shape::Node form_of(const Shape& shape, const Value* a, const Value* b) {
  const Shape::Node node = shape.node();
  if (node == Shape::Node::kLeaf || shape.atomic()) return Shape::Node::kLeaf;
  return fits(node, a) && fits(node, b) ? node : Shape::Node::kLeaf;
}

Shape shape_of_member(const Shape& shape, std::string_view name) {
  if (shape.node() == Shape::Node::kMap) return shape.element();
  return shape.field(name).value_or(Shape());
}

std::string field_element(std::string_view name) {
  return fmt::format("f:{}", name);
}

EntryNames::EntryNames(const Shape& list) : is_set_(list.list_type() == ListType::kSet) {
  if (is_set_) return;
  for (const ShapeKey& key : list.keys())
    keys_.emplace_back(key.name, key.fallback.empty() ? Value() : boost::json::parse(key.fallback));
}

std::string EntryNames::operator()(const Value& entry) const {
  if (is_set_) return "v:" + boost::json::serialize(entry);
  boost::json::object keys;
  for (const auto& [name, fallback] : keys_) {
    if (const Value* value = member_of(&entry, name)) {
      keys.emplace(name, *value);
    } else if (!fallback.is_null()) {
      keys.emplace(name, fallback);
    }
  }
  return keys.empty() ? "" : "k:" + boost::json::serialize(keys);
}

Entries::Entries(const Shape& list, const Value* value) {
  if (value == nullptr) return;
  const EntryNames name_of(list);
  for (const Value& entry : value->get_array()) {
    const std::string element = name_of(entry);
    auto& same = by_element[element];
    if (same.empty()) order.push_back(element);
    same.push_back(&entry);
  }
}

const std::vector<const Value*>* Entries::find(std::string_view element) const {
  const auto found = by_element.find(element);
  return found == by_element.end() ? nullptr : &found->second;
}

}  // namespace skiff::api::structured
