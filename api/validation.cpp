// SPDX-License-Identifier: Apache-2.0
// The walk: what the tables say about each field, then the rule of each type.
#include "api/validation.h"

#include <limits>

#include "api/codec.h"
#include "api/compare.h"
#include "api/scalars.h"
#include "api/text.h"
#include "api/validation_rules.h"

namespace skiff::api {
namespace {

struct Rule {
  const TypeInfo* type;
  void (*check)(const void*, FieldErrors&);
};
template <auto check, class T>
constexpr Rule rule_of(void (*)(const T&, FieldErrors&)) {
  return {&Describe<T>::type, [](const void* value, FieldErrors& errors) {
            check(*static_cast<const T*>(value), errors);
          }};
}
template <auto check>
constexpr Rule rule() {
  return rule_of<check>(check);
}

constexpr Rule kRules[] = {
    rule<rules::object_meta>(),
    rule<rules::label_selector_requirement>(),
    rule<rules::container>(),
    rule<rules::env_var>(),
    rule<rules::env_from>(),
    rule<rules::container_port>(),
    rule<rules::volume_mount>(),
    rule<rules::resources>(),
    rule<rules::probe>(),
    rule<rules::lifecycle_handler>(),
    rule<rules::http_get>(),
    rule<rules::tcp_socket>(),
    rule<rules::pod_spec>(),
    rule<rules::volume>(),
    rule<rules::toleration>(),
    rule<rules::node_selector_requirement>(),
    rule<rules::service_spec>(),
    rule<rules::endpoint_address>(),
    rule<rules::endpoint_slice>(),
    rule<rules::network_policy_spec>(),
    rule<rules::ip_block>(),
    rule<rules::deployment_spec>(),
    rule<rules::replica_set_spec>(),
    rule<rules::config_map>(),
    rule<rules::secret>(),
    rule<rules::node_spec>(),
    rule<rules::event>(),
};

struct UpdateRule {
  const TypeInfo* type;
  void (*check)(const void*, const void*, FieldErrors&);
};
template <auto check, class T>
constexpr UpdateRule update_rule_of(void (*)(const T&, const T&, FieldErrors&)) {
  return {&Describe<T>::type, [](const void* value, const void* old, FieldErrors& errors) {
            check(*static_cast<const T*>(value), *static_cast<const T*>(old), errors);
          }};
}
template <auto check>
constexpr UpdateRule update_rule() {
  return update_rule_of<check>(check);
}

constexpr UpdateRule kUpdateRules[] = {
    update_rule<rules::pod_update>(),        update_rule<rules::service_update>(),
    update_rule<rules::config_map_update>(), update_rule<rules::secret_update>(),
    update_rule<rules::node_update>(),
};

// Strings that must be there and may be empty.
bool may_be_empty(const TypeInfo& type, const FieldInfo& field) {
  return field.name == "value" && (type.name == "HTTPHeader" || type.name == "Sysctl");
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

class Validator {
 public:
  explicit Validator(FieldErrors& errors) : errors_(errors) {}

  void object(const TypeInfo& type, const void* value, bool top = false) {
    for (const Rule& rule : kRules)
      if (rule.type == &type) rule.check(value, errors_);
    for (const FieldInfo& field : type.fields) {
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
    if (type.form == Form::kStruct) return object(type, value);
    if (type.form != Form::kList || type.element->form != Form::kStruct) return;
    for (size_t i = 0; i < type.list->size(value); ++i) {
      const auto scope = errors_.at(i);
      object(*type.element, type.list->at(const_cast<void*>(value), i));
    }
  }

  FieldErrors& errors_;
};

// Fields that the tables call immutable, down to the first list.
void check_immutable(const TypeInfo& type, const void* value, const void* old,
                     FieldErrors& errors) {
  for (const FieldInfo& field : type.fields) {
    const auto scope = errors.at(field.name);
    const void* now = member(value, field);
    const void* before = member(old, field);
    if (field.immutable && !equal(*field.type, now, before)) {
      std::string json;
      encode(*field.type, now, json);
      errors.invalid_json(json, "field is immutable");
    } else if (field.type->form == Form::kStruct) {
      check_immutable(*field.type, now, before, errors);
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
  for (const UpdateRule& rule : kUpdateRules)
    if (rule.type == kind.type) rule.check(object, old, errors);
  return errors.take();
}

}  // namespace skiff::api
