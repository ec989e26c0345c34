// SPDX-License-Identifier: Apache-2.0
// Shape: what the schema says about one place in a document, as server-side apply needs it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "api/describe.h"

namespace skiff::api {

// One of the fields that tell the entries of a ListType::kMap apart.
struct ShapeKey {
  std::string_view name;
  std::string_view fallback;  // JSON text of its default; empty: it has none
};

// Cheap to copy; the schema must outlive it.
class Shape {
 public:
  enum class Node : uint8_t { kLeaf, kStruct, kMap, kList };

  Shape() = default;  // a leaf
  static Shape of(const TypeInfo& type) { return Shape(&type, nullptr); }

  Node node() const;
  // A container that has one owner as a whole.
  bool atomic() const;
  // Of a struct; nothing if the schema declares no such field.
  std::optional<Shape> field(std::string_view name) const;
  // Of a map or a list.
  Shape element() const;
  // Of a list that is not atomic: kSet or kMap.
  ListType list_type() const;
  // Of a ListType::kMap, in order of their names.
  std::vector<ShapeKey> keys() const;

 private:
  Shape(const TypeInfo* type, const FieldInfo* field);

  const TypeInfo* type_ = nullptr;    // never a box or an optional; null: nothing is known
  const FieldInfo* field_ = nullptr;  // that holds it, or null
};

}  // namespace skiff::api
