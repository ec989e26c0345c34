// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/codec.h"
#include "api/names.h"
#include "api/rules.h"
#include "api/text.h"

namespace skiff::api::rules {
namespace {

constexpr size_t kMaxAnnotationBytes = 256 << 10;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

void object_name(const Kind& kind, const ObjectMeta& metadata, FieldErrors& errors) {
  const auto field = errors.at("metadata");
  if (!metadata.generateName.empty()) {
    const auto scope = errors.at("generateName");
    std::string name = metadata.generateName;
    if (name.ends_with('-')) name.back() = 'a';  // more will follow
    errors.unless_empty(metadata.generateName, kind.check_name(name));
  }
  {
    const auto scope = errors.at("name");
    if (metadata.name.empty())
      errors.required("name or generateName is required");
    else
      errors.unless_empty(metadata.name, kind.check_name(metadata.name));
  }
  if (kind.namespaced && !metadata.namespace_.empty()) {
    const auto scope = errors.at("namespace");
    errors.unless_empty(metadata.namespace_, check_dns1123_label(metadata.namespace_));
  }
}

void labels(const std::map<std::string, std::string>& labels, FieldErrors& errors) {
  for (const auto& [key, value] : labels) {
    errors.unless_empty(key, check_qualified_name(key));
    errors.unless_empty(value, check_label_value(value));
  }
}

void object_meta(const ObjectMeta& metadata, FieldErrors& errors) {
  {
    const auto field = errors.at("labels");
    labels(metadata.labels, errors);
  }
  {
    const auto field = errors.at("annotations");
    size_t bytes = 0;
    for (const auto& [key, value] : metadata.annotations) {
      errors.unless_empty(key, check_qualified_name(lower(key)));
      bytes += key.size() + value.size();
    }
    if (bytes > kMaxAnnotationBytes) errors.too_long(kMaxAnnotationBytes);
  }
  each(errors, "finalizers", metadata.finalizers,
       [&](const std::string& name) { errors.unless_empty(name, check_qualified_name(name)); });
  const auto field = errors.at("ownerReferences");
  const OwnerReference* controller = nullptr;
  for (const OwnerReference& owner : metadata.ownerReferences) {
    if (!owner.controller.value_or(false)) continue;
    if (controller)
      errors.invalid_json(
          encode_json(owner),
          fmt::format("Only one reference can have Controller set to true. Found \"true\" in "
                      "references for {}/{} and {}/{}",
                      controller->kind, controller->name, owner.kind, owner.name));
    controller = &owner;
  }
}

void object_meta_update(const ObjectMeta& metadata, const ObjectMeta& old, FieldErrors& errors) {
  const auto field = errors.at("metadata");
  const auto immutable = [&](std::string_view name, const std::string& now,
                             const std::string& before) {
    const auto scope = errors.at(name);
    if (now != before) errors.invalid(now, "field is immutable");
  };
  immutable("name", metadata.name, old.name);
  immutable("namespace", metadata.namespace_, old.namespace_);
  immutable("uid", metadata.uid, old.uid);
  immutable("creationTimestamp", metadata.creationTimestamp.to_string(),
            old.creationTimestamp.to_string());
}

void label_selector(const LabelSelector& selector, FieldErrors& errors) {
  at(errors, "matchLabels", [&] { labels(selector.matchLabels, errors); });
}

void label_selector_requirement(const LabelSelectorRequirement& requirement, FieldErrors& errors) {
  if (!requirement.key.empty()) {
    const auto field = errors.at("key");
    errors.unless_empty(requirement.key, check_qualified_name(requirement.key));
  }
  {
    const auto field = errors.at("values");
    if (is_one_of(requirement.operator_, "In,NotIn") && requirement.values.empty())
      errors.required("must be specified when `operator` is 'In' or 'NotIn'");
    if (is_one_of(requirement.operator_, "Exists,DoesNotExist") && !requirement.values.empty())
      errors.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  }
  each(errors, "values", requirement.values,
       [&](const std::string& value) { errors.unless_empty(value, check_label_value(value)); });
}

}  // namespace skiff::api::rules
