// SPDX-License-Identifier: Apache-2.0
// Strategic merge patch. The rules are those of Kubernetes' apimachinery (strategicpatch): a list
// whose field has strategy `merge` merges by its merge key (structs) or as a set (scalars), any
// other is replaced; directives:
//   $patch: delete | replace | merge        in an object, or in an element of a merging list
//   $deleteFromPrimitiveList/FIELD: [...]   values to take out of a list of scalars
//   $setElementOrder/FIELD: [...]           the order that the elements shall have afterwards
//   $retainKeys: [...]                      the only keys the merged object keeps (unions such as a
//   volume's source)
#include <boost/json.hpp>

#include <algorithm>

#include "api/patch.h"

namespace skiff::api {

namespace json = boost::json;

namespace {

constexpr std::string_view kDirective = "$patch", kRetainKeys = "$retainKeys",
                           kDeleteFrom = "$deleteFromPrimitiveList/",
                           kSetOrder = "$setElementOrder/";

std::string_view view(json::string_view s) {
  return {s.data(), s.size()};
}
json::string_view key(std::string_view s) {
  return {s.data(), s.size()};
}

bool is_directive(std::string_view name) {
  return name == kDirective || name == kRetainKeys || name.starts_with(kDeleteFrom) ||
         name.starts_with(kSetOrder);
}

// The type behind Box and optional; null stays null (unknown fields merge like untyped JSON).
const TypeInfo* unwrap(const TypeInfo* type) {
  while (type && type->maybe) type = type->element;
  return type;
}

const FieldInfo* field_of(const TypeInfo* type, std::string_view name) {
  return type && type->form == Form::kStruct ? type->field(name) : nullptr;
}
const TypeInfo* type_of_member(const TypeInfo* type, std::string_view name) {
  if (type && type->form == Form::kMap) return unwrap(type->element);
  const FieldInfo* field = field_of(type, name);
  return field ? unwrap(field->type) : nullptr;
}

bool merges(const FieldInfo* field) {
  return field && (field->patch == Patch::kMerge || field->patch == Patch::kMergeRetainKeys);
}

std::string_view directive_of(const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* directive = object ? object->if_contains(key(kDirective)) : nullptr;
  return directive && directive->is_string() ? view(directive->as_string()) : std::string_view();
}

// What stands where there was nothing to merge with: without nulls, directives and deleted
// elements.
json::value without_directives(const json::value& value) {
  if (const json::object* object = value.if_object()) {
    json::object out;
    for (const auto& [name, member] : *object)
      if (!is_directive(view(name)) && !member.is_null()) out[name] = without_directives(member);
    return out;
  }
  if (const json::array* array = value.if_array()) {
    json::array out;
    for (const json::value& element : *array) {
      const std::string_view directive = directive_of(element);
      const bool only_directive = element.is_object() && element.as_object().size() == 1;
      if (directive == "delete" || (!directive.empty() && only_directive)) continue;
      out.push_back(without_directives(element));
    }
    return out;
  }
  return value;
}

// What identifies an element: its merge key, or itself.
const json::value* identity(const json::value& element, std::string_view merge_key) {
  if (merge_key.empty()) return &element;
  const json::object* object = element.if_object();
  return object ? object->if_contains(key(merge_key)) : nullptr;
}

size_t find_element(const json::array& array, const json::value& element,
                    std::string_view merge_key) {
  const json::value* wanted = identity(element, merge_key);
  if (!wanted) return array.size();
  for (size_t i = 0; i < array.size(); ++i) {
    const json::value* present = identity(array[i], merge_key);
    if (present && *present == *wanted) return i;
  }
  return array.size();
}

// Elements of `order` come in its order; the others keep their place relative to those that were
// there before.
json::array ordered(const json::array& merged, const json::array& order, const json::array& before,
                    std::string_view merge_key) {
  std::vector<const json::value*> given, others;
  for (const json::value& wanted : order) {
    const size_t i = find_element(merged, wanted, merge_key);
    if (i < merged.size() && std::find(given.begin(), given.end(), &merged[i]) == given.end())
      given.push_back(&merged[i]);
  }
  for (const json::value& element : merged)
    if (find_element(order, element, merge_key) == order.size()) others.push_back(&element);

  json::array out;
  out.reserve(merged.size());
  size_t i = 0, j = 0;
  while (i < others.size() || j < given.size()) {
    bool take_other = j == given.size();
    if (i < others.size() && j < given.size()) {
      const size_t a = find_element(before, *others[i], merge_key);
      const size_t b = find_element(before, *given[j], merge_key);
      take_other = a < before.size() && b < before.size() && a < b;
    }
    out.push_back(take_other ? *others[i++] : *given[j++]);
  }
  return out;
}

class Merger {
 public:
  skiff::Status merge_object(const TypeInfo* type, json::object& original,
                             const json::object& patch);

 private:
  skiff::Status merge_member(const TypeInfo* type, json::object& original, std::string_view name,
                             const json::value& patch);
  skiff::Status merge_list(const FieldInfo& field, json::array& original, const json::array& patch);
  skiff::Status delete_values(json::object& original, std::string_view name,
                              const json::value& values);
  skiff::Status set_order(const TypeInfo* type, json::object& original, std::string_view name,
                          const json::value& order, const json::object& before);
  skiff::Status retain(json::object& original, const json::object& patch, const json::value& keys);
};

skiff::Status Merger::merge_object(const TypeInfo* type, json::object& original,
                                   const json::object& patch) {
  if (const json::value* directive = patch.if_contains(key(kDirective))) {
    const std::string_view what = directive->is_string() ? view(directive->as_string()) : "";
    if (what == "replace" || what == "delete") {
      original = what == "delete" ? json::object() : without_directives(patch).as_object();
      return {};
    }
    if (what != "merge")
      return invalid_argument("$patch: expected replace, delete or merge, got {}",
                              json::serialize(*directive));
  }
  // The order in which lists stood before counts for elements that the patch does not name.
  json::object before;
  for (const auto& [name, value] : patch) {
    if (!view(name).starts_with(kSetOrder)) continue;
    const json::string_view list = name.substr(kSetOrder.size());
    if (const json::value* present = original.if_contains(list)) before[list] = *present;
  }
  for (const auto& [raw_name, value] : patch) {
    const std::string_view name = view(raw_name);
    if (name.starts_with(kDeleteFrom))
      RETURN_IF_ERROR(delete_values(original, name.substr(kDeleteFrom.size()), value));
  }
  for (const auto& [raw_name, value] : patch) {
    const std::string_view name = view(raw_name);
    if (!is_directive(name)) RETURN_IF_ERROR(merge_member(type, original, name, value), "{}", name);
  }
  for (const auto& [raw_name, value] : patch) {
    const std::string_view name = view(raw_name);
    if (name.starts_with(kSetOrder))
      RETURN_IF_ERROR(set_order(type, original, name.substr(kSetOrder.size()), value, before));
  }
  if (const json::value* keys = patch.if_contains(key(kRetainKeys)))
    return retain(original, patch, *keys);
  return {};
}

skiff::Status Merger::merge_member(const TypeInfo* type, json::object& original,
                                   std::string_view name, const json::value& patch) {
  if (patch.is_null()) {
    original.erase(key(name));
    return {};
  }
  const FieldInfo* field = field_of(type, name);
  json::value* present = original.if_contains(key(name));
  if (!present || present->kind() != patch.kind()) {
    original[key(name)] = without_directives(patch);
    return {};
  }
  if (patch.is_object() && !(field && field->patch == Patch::kReplace))
    return merge_object(type_of_member(type, name), present->as_object(), patch.as_object());
  if (patch.is_array() && merges(field))
    return merge_list(*field, present->as_array(), patch.as_array());
  *present = without_directives(patch);
  return {};
}

skiff::Status Merger::merge_list(const FieldInfo& field, json::array& original,
                                 const json::array& patch) {
  const json::array before = original;
  json::array merged = original;
  json::array order;  // the elements of the patch, directives apart
  const bool replace = std::any_of(patch.begin(), patch.end(), [](const json::value& element) {
    return directive_of(element) == "replace";
  });
  if (replace) {
    original = without_directives(patch).as_array();
    return {};
  }
  for (const json::value& element : patch) {
    if (!field.merge_key.empty() && !identity(element, field.merge_key))
      return invalid_argument("an element of the patch lacks the merge key {}", field.merge_key);
    size_t i = find_element(merged, element, field.merge_key);
    if (directive_of(element) == "delete") {
      for (; i < merged.size(); i = find_element(merged, element, field.merge_key))
        merged.erase(merged.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    order.push_back(element);
    if (i == merged.size())
      merged.push_back(without_directives(element));
    else if (element.is_object() && merged[i].is_object())
      RETURN_IF_ERROR(merge_object(unwrap(unwrap(field.type)->element), merged[i].as_object(),
                                   element.as_object()));
  }
  original = ordered(merged, order, before, field.merge_key);
  return {};
}

skiff::Status Merger::delete_values(json::object& original, std::string_view name,
                                    const json::value& values) {
  if (!values.is_array()) return invalid_argument("{}{}: expected an array", kDeleteFrom, name);
  json::value* list = original.if_contains(key(name));
  if (!list || !list->is_array()) return {};
  json::array kept;
  for (const json::value& element : list->as_array())
    if (find_element(values.as_array(), element, "") == values.as_array().size())
      kept.push_back(element);
  *list = std::move(kept);
  return {};
}

skiff::Status Merger::set_order(const TypeInfo* type, json::object& original, std::string_view name,
                                const json::value& order, const json::object& before) {
  if (!order.is_array()) return invalid_argument("{}{}: expected an array", kSetOrder, name);
  json::value* list = original.if_contains(key(name));
  const FieldInfo* field = field_of(type, name);
  if (!list || !list->is_array() || !merges(field)) return {};
  const json::value* old = before.if_contains(key(name));
  const json::array none;
  *list = ordered(list->as_array(), order.as_array(),
                  old && old->is_array() ? old->as_array() : none, field->merge_key);
  return {};
}

skiff::Status Merger::retain(json::object& original, const json::object& patch,
                             const json::value& keys) {
  if (!keys.is_array()) return invalid_argument("$retainKeys: expected an array");
  const auto kept = [&](json::string_view name) {
    for (const json::value& k : keys.as_array())
      if (k.is_string() && k.as_string() == name) return true;
    return false;
  };
  for (const auto& [name, value] : patch)
    if (!is_directive(view(name)) && !value.is_null() && !kept(name))
      return invalid_argument("$retainKeys must name \"{}\", which the patch sets", view(name));
  std::vector<std::string> gone;
  for (const auto& [name, value] : original)
    if (!kept(name)) gone.emplace_back(view(name));
  for (const std::string& name : gone) original.erase(name);
  return {};
}

}  // namespace

skiff::Status apply_strategic_merge_patch(const TypeInfo& type, json::value& document,
                                          const json::value& patch) {
  if (!document.is_object() || !patch.is_object())
    return invalid_argument("a strategic merge patch must be an object");
  json::object result = document.as_object();
  Merger merger;
  RETURN_IF_ERROR(merger.merge_object(&type, result, patch.as_object()), "patch");
  document = std::move(result);
  return {};
}

}  // namespace skiff::api
