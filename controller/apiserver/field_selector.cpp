// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/field_selector.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/selector.h"
#include "controller/apiserver/errors.h"

namespace skiff::apiserver {
namespace {

Status unknown_field(const Resource& resource, std::string_view label) {
  if (!resource.selectable_fields.empty())
    return errors::bad_request(fmt::format("field label not supported: {}", label));
  const char* known =
      resource.kind->namespaced ? "\"metadata.name\", \"metadata.namespace\"" : "\"metadata.name\"";
  return errors::bad_request(
      fmt::format("\"{}\" is not a known field selector: only {}", label, known));
}

}  // namespace

Result<FieldSelector> FieldSelector::parse(std::string_view text, const Resource& resource) {
  FieldSelector selector;
  if (text.empty()) return selector;
  const auto requirements = api::parse_field_selector(text);
  if (!requirements.ok()) return errors::bad_request(message(requirements.status()));
  for (const auto& [label, value, negated] : *requirements) {
    Term term{.value = value, .negated = negated};
    const auto& fields = resource.selectable_fields;
    const auto field =
        std::find_if(fields.begin(), fields.end(),
                     [&, &name = label](const SelectableField& one) { return one.label == name; });
    if (label == "metadata.name") {
      term.field = kName;
    } else if (label == "metadata.namespace" && resource.kind->namespaced) {
      term.field = kNamespace;
    } else if (field != fields.end()) {
      term.field = static_cast<int>(field - fields.begin());
      term.never = field->path.empty();
    } else {
      return unknown_field(resource, label);
    }
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

bool FieldSelector::needs_fields() const {
  return std::any_of(terms_.begin(), terms_.end(),
                     [](const Term& term) { return term.field >= 0; });
}

bool FieldSelector::matches(std::string_view namespace_, std::string_view name,
                            const std::vector<std::string>& fields) const {
  for (const Term& term : terms_) {
    if (term.never) return false;
    std::string_view value = name;
    if (term.field == kNamespace) {
      value = namespace_;
    } else if (term.field >= 0) {
      value = fields[static_cast<size_t>(term.field)];
    }
    if ((value == term.value) == term.negated) return false;
  }
  return true;
}

std::string_view FieldSelector::only_name() const {
  for (const Term& term : terms_)
    if (term.field == kName && !term.negated) return term.value;
  return {};
}

}  // namespace skiff::apiserver
