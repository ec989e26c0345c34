// SPDX-License-Identifier: Apache-2.0
// The walk: what the tables say about each field, then the rule of each type.
#include "api/validation.h"

#include <limits>

#include "api/codec.h"
#include "api/compare.h"
#include "api/groups.h"
#include "api/rules.h"
#include "api/scalars.h"
#include "api/text.h"

namespace skiff::api {
namespace {

// Strings that must be there and may be empty.
bool may_be_empty(const TypeInfo& type, const FieldInfo& field) {
  return (field.name == "value" && (type.name == "HTTPHeader" || type.name == "Sysctl")) ||
         (field.name == "audience" && type.name == "TokenRequest");
}

void check_range(int64_t value, const FieldInfo& field, FieldErrors& errors) {
  if (value >= field.min && value <= field.max) return;
  if (field.max != std::numeric_limits<int64_t>::max())
    errors.invalid(value,
                   fmt::format("must be between {} and {}, inclusive", field.min, field.max));
  else if (field.min == 1)
    errors.invalid(value, "must be greater than 0");
  else
    errors.invalid(value, fmt::format("must be greater than or equal to {}", field.min));
}

bool is_struct(const TypeInfo& type) {
  return type.form == Form::kStruct || type.form == Form::kUnion || type.form == Form::kDocument;
}

// The default value of a type, made when it is needed.
class Absent {
 public:
  explicit Absent(const TypeInfo& type) : type_(type) {}
  ~Absent() {
    if (made_) type_.value->destroy(made_);
  }
  Absent(const Absent&) = delete;
  Absent& operator=(const Absent&) = delete;
  const void* or_default(const void* value) const {
    if (!value && !made_) made_ = type_.value->create();
    return value ? value : made_;
  }

 private:
  const TypeInfo& type_;
  mutable void* made_ = nullptr;
};

class Validator {
 public:
  explicit Validator(FieldErrors& errors) : errors_(errors) {}

  void object(const TypeInfo& type, const void* value, bool top = false) {
    if (const TypeRules* rules = rules_of(type))
      for (const Rule* rule : rules->rules) rule->check(value, errors_);
    for (const FieldInfo& field : type.fields) {
      if (type.form == Form::kUnion) {  // has no names of its own in JSON
        descend(*field.type, member(value, field));
        continue;
      }
      if (top && field.name == "status") continue;
      const auto scope = errors_.at(field.name);
      check_field(type, field, member(value, field));
    }
  }

 private:
  void check_field(const TypeInfo& owner, const FieldInfo& field, const void* value) {
    const TypeInfo* type = field.type;
    if (type->maybe) {
      value = type->maybe->get(value);
      type = type->element;
      if (!value) {
        if (field.required) errors_.required();
        return;
      }
      scalar(*type, field, value, true);
      return descend(*type, value);
    }
    if (field.required && type->form == Form::kString &&
        static_cast<const std::string*>(value)->empty() && !may_be_empty(owner, field))
      return errors_.required();
    if (type->form == Form::kList && !field.values.empty()) {
      for (size_t i = 0; i < type->list->size(value); ++i) {
        const auto scope = errors_.at(i);
        scalar(*type->element, field, type->list->at(const_cast<void*>(value), i), true);
      }
      return;
    }
    scalar(*type, field, value, field.required);
    descend(*type, value);
  }

  // `given`: a zero is a value, not an absent field.
  void scalar(const TypeInfo& type, const FieldInfo& field, const void* value, bool given) {
    if (type.form == Form::kString && !field.values.empty()) {
      const auto& text = *static_cast<const std::string*>(value);
      if ((given || !text.empty()) && !is_one_of(text, field.values))
        errors_.not_supported(text, field.values);
    } else if (type.form == Form::kInt32 || type.form == Form::kInt64) {
      const int64_t number = type.form == Form::kInt32 ? *static_cast<const int32_t*>(value)
                                                       : *static_cast<const int64_t*>(value);
      if (given || number != 0) check_range(number, field, errors_);
    }
  }

  void descend(const TypeInfo& type, const void* value) {
    if (is_struct(type)) return object(type, value);
    if (type.form == Form::kBox) {
      if (const void* present = type.maybe->get(value)) descend(*type.element, present);
    } else if (type.form == Form::kList && type.element->form != Form::kString) {
      for (size_t i = 0; i < type.list->size(value); ++i) {
        const auto scope = errors_.at(i);
        descend(*type.element, type.list->at(const_cast<void*>(value), i));
      }
    } else if (type.form == Form::kMap && type.element->form != Form::kString) {
      for_each_entry(type, value, [&](const std::string& key, const void* entry) {
        const auto scope = errors_.at_key(key);
        descend(*type.element, entry);
      });
    }
  }

  FieldErrors& errors_;
};

// Fields that the tables call immutable, down to the first list or map. A Box that comes or goes
// changes what is in it.
void check_immutable(const TypeInfo& type, const void* value, const void* old,
                     FieldErrors& errors) {
  for (const FieldInfo& field : type.fields) {
    const auto scope = errors.at(field.name);
    const void* now = member(value, field);
    const void* before = member(old, field);
    if (field.immutable) {
      if (equal(*field.type, now, before)) continue;
      std::string json;
      encode(*field.type, now, json);
      errors.invalid_json(json, "field is immutable");
    } else if (is_struct(*field.type)) {
      check_immutable(*field.type, now, before, errors);
    } else if (field.type->form == Form::kBox && is_struct(*field.type->element)) {
      const TypeInfo& inner = *field.type->element;
      const Absent absent(inner);
      now = field.type->maybe->get(now);
      before = field.type->maybe->get(before);
      if (now || before)
        check_immutable(inner, absent.or_default(now), absent.or_default(before), errors);
    }
  }
}

void check(const Kind& kind, const void* object, FieldErrors& errors) {
  const FieldInfo* metadata = kind.type->field("metadata");
  if (metadata && metadata->type == &type_of<ObjectMeta>() && kind.serving == Serving::kStored)
    rules::object_name(kind, *static_cast<const ObjectMeta*>(member(object, *metadata)), errors);
  Validator(errors).object(*kind.type, object, true);
}

}  // namespace

std::vector<FieldError> validate(const Kind& kind, const void* object) {
  FieldErrors errors;
  check(kind, object, errors);
  return errors.take();
}

std::vector<FieldError> validate_update(const Kind& kind, const void* object, const void* old) {
  FieldErrors errors;
  check(kind, object, errors);
  const FieldInfo* metadata = kind.type->field("metadata");
  if (metadata && metadata->type == &type_of<ObjectMeta>())
    rules::object_meta_update(*static_cast<const ObjectMeta*>(member(object, *metadata)),
                              *static_cast<const ObjectMeta*>(member(old, *metadata)), errors);
  check_immutable(*kind.type, object, old, errors);
  if (const TypeRules* rules = rules_of(*kind.type))
    for (const UpdateRule* rule : rules->updates) rule->check(object, old, errors);
  return errors.take();
}

}  // namespace skiff::api
