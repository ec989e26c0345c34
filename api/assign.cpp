// SPDX-License-Identifier: Apache-2.0
#include "api/describe.h"
#include "api/document.h"
#include "api/scalars.h"

namespace skiff::api {
namespace {

template <class T>
void copy(void* to, const void* from) {
  *static_cast<T*>(to) = *static_cast<const T*>(from);
}

void assign_list(const TypeInfo& type, void* to, const void* from) {
  type.list->clear(to);
  const size_t size = type.list->size(from);
  for (size_t i = 0; i < size; ++i)
    assign(*type.element, type.list->append(to), type.list->at(const_cast<void*>(from), i));
}

void assign_map(const TypeInfo& type, void* to, const void* from) {
  type.map->clear(to);
  for_each_entry(type, from, [&](const std::string& key, const void* value) {
    assign(*type.element, type.map->insert(to, std::string(key)), value);
  });
}

}  // namespace

void assign(const TypeInfo& type, void* to, const void* from) {
  switch (type.form) {
    case Form::kBool:
      return copy<bool>(to, from);
    case Form::kInt32:
      return copy<int32_t>(to, from);
    case Form::kInt64:
      return copy<int64_t>(to, from);
    case Form::kDouble:
      return copy<double>(to, from);
    case Form::kString:
      return copy<std::string>(to, from);
    case Form::kBytes:
      return copy<Bytes>(to, from);
    case Form::kQuantity:
      return copy<Quantity>(to, from);
    case Form::kIntOrString:
      return copy<IntOrString>(to, from);
    case Form::kTime:
      return copy<Time>(to, from);
    case Form::kMicroTime:
      return copy<MicroTime>(to, from);
    case Form::kRawJson:
      return copy<RawJson>(to, from);
    case Form::kDocument:
      static_cast<Document*>(to)->rest = static_cast<const Document*>(from)->rest;
      [[fallthrough]];  // its metadata is a field
    case Form::kStruct:
    case Form::kUnion:
      for (const FieldInfo& field : type.fields)
        assign(*field.type, member(to, field), member(from, field));
      return;
    case Form::kOptional:
    case Form::kBox:
      if (const void* present = type.maybe->get(from))
        return assign(*type.element, type.maybe->emplace(to), present);
      return type.maybe->reset(to);
    case Form::kList:
      return assign_list(type, to, from);
    case Form::kMap:
      return assign_map(type, to, from);
  }
}

}  // namespace skiff::api
