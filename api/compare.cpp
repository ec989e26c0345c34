// SPDX-License-Identifier: Apache-2.0
#include "api/compare.h"

#include "api/document.h"
#include "api/field_name.h"
#include "api/scalars.h"

namespace skiff::api {
namespace {

template <class T>
bool same(const void* a, const void* b) {
  return *static_cast<const T*>(a) == *static_cast<const T*>(b);
}

bool equal_list(const TypeInfo& type, const void* a, const void* b) {
  const size_t size = type.list->size(a);
  if (size != type.list->size(b)) return false;
  for (size_t i = 0; i < size; ++i)
    if (!equal(*type.element, type.list->at(const_cast<void*>(a), i),
               type.list->at(const_cast<void*>(b), i)))
      return false;
  return true;
}

bool equal_map(const TypeInfo& type, const void* a, const void* b) {
  if (type.map->size(a) != type.map->size(b)) return false;
  bool result = true;
  for_each_entry(type, a, [&](const std::string& key, const void* value) {
    const void* other = result ? type.map->find(b, key) : nullptr;
    result = other && equal(*type.element, value, other);
  });
  return result;
}

class Differ {
 public:
  explicit Differ(size_t limit) : limit_(limit) {}

  void compare(const TypeInfo& type, const void* a, const void* b) {
    if (found_.size() >= limit_ || equal(type, a, b)) return;
    switch (type.form) {
      case Form::kStruct:
        for (const FieldInfo& field : type.fields) {
          const FieldName::Scope scope(path_, field.name);
          compare(*field.type, member(a, field), member(b, field));
        }
        return;
      case Form::kBox: {
        const void* x = type.maybe->get(a);
        const void* y = type.maybe->get(b);
        if (x && y) return compare(*type.element, x, y);
        break;
      }
      case Form::kList: {
        const size_t size = type.list->size(a);
        if (size != type.list->size(b)) break;
        for (size_t i = 0; i < size; ++i) {
          const FieldName::Scope scope(path_, static_cast<int>(i));
          compare(*type.element, type.list->at(const_cast<void*>(a), i),
                  type.list->at(const_cast<void*>(b), i));
        }
        return;
      }
      default:
        break;
    }
    found_.push_back(path_.to_string());
  }

  std::vector<std::string> take() { return std::move(found_); }

 private:
  size_t limit_;
  FieldName path_;
  std::vector<std::string> found_;
};

}  // namespace

bool equal(const TypeInfo& type, const void* a, const void* b) {
  switch (type.form) {
    case Form::kBool:
      return same<bool>(a, b);
    case Form::kInt32:
      return same<int32_t>(a, b);
    case Form::kInt64:
      return same<int64_t>(a, b);
    case Form::kDouble:
      return same<double>(a, b);
    case Form::kString:
      return same<std::string>(a, b);
    case Form::kBytes:
      return same<Bytes>(a, b);
    case Form::kQuantity:
      return same<Quantity>(a, b);
    case Form::kIntOrString:
      return same<IntOrString>(a, b);
    case Form::kTime:
      return same<Time>(a, b);
    case Form::kMicroTime:
      return same<MicroTime>(a, b);
    case Form::kRawJson:
      return same<RawJson>(a, b);
    case Form::kDocument:
      if (static_cast<const Document*>(a)->rest != static_cast<const Document*>(b)->rest)
        return false;
      [[fallthrough]];  // its metadata is a field
    case Form::kStruct:
    case Form::kUnion:
      for (const FieldInfo& field : type.fields)
        if (!equal(*field.type, member(a, field), member(b, field))) return false;
      return true;
    case Form::kOptional:
    case Form::kBox: {
      const void* x = type.maybe->get(a);
      const void* y = type.maybe->get(b);
      return x && y ? equal(*type.element, x, y) : x == y;
    }
    case Form::kList:
      return equal_list(type, a, b);
    case Form::kMap:
      return equal_map(type, a, b);
  }
  return false;
}

std::vector<std::string> differences(const TypeInfo& type, const void* a, const void* b,
                                     size_t limit) {
  Differ differ(limit);
  differ.compare(type, a, b);
  return differ.take();
}

}  // namespace skiff::api
