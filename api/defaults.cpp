// SPDX-License-Identifier: Apache-2.0
// Default hooks are found by type wherever the type occurs, outermost first.
#include "api/defaults.h"

#include "api/groups.h"
#include "api/scalars.h"

namespace skiff::api {
namespace {

void walk(const TypeInfo& type, void* value) {
  switch (type.form) {
    case Form::kStruct:
    case Form::kUnion:
    case Form::kDocument:
      if (const TypeRules* rules = rules_of(type))
        for (const DefaultHook* hook : rules->defaults) hook->apply(value);
      for (const FieldInfo& field : type.fields) walk(*field.type, member(value, field));
      return;
    case Form::kBox:
    case Form::kOptional:
      if (const void* present = type.maybe->get(value))
        walk(*type.element, const_cast<void*>(present));
      return;
    case Form::kList:
      if (type.element->form == Form::kStruct || type.element->form == Form::kUnion)
        for (size_t i = 0; i < type.list->size(value); ++i)
          walk(*type.element, type.list->at(value, i));
      return;
    case Form::kMap:
      if (type.element->form == Form::kString || type.element->form == Form::kBytes) return;
      for_each_entry(type, value, [&](const std::string&, const void* entry) {
        void* target = const_cast<void*>(entry);
        // Every resource list is a map of quantities; nothing finer than a thousandth is kept in
        // them.
        if (type.element->form == Form::kQuantity)
          static_cast<Quantity*>(target)->round_up_to_milli();
        else
          walk(*type.element, target);
      });
      return;
    default:
      return;
  }
}

}  // namespace

void set_defaults(const TypeInfo& type, void* object) {
  walk(type, object);
}

}  // namespace skiff::api
