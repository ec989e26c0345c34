// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/field_selector.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/apiserver/errors.h"

namespace skiff::apiserver {
namespace {

std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> terms;
  size_t begin = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] == '\\') {
      ++at;
    } else if (at >= text.size() || text[at] == ',') {
      terms.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  return terms;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out += text[at];
  }
  return out;
}

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
  for (std::string_view part : split_terms(text)) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return errors::bad_request(
          fmt::format("invalid selector: '{}'; can't understand '{}'", text, part));
    Term term{.negated = part[equals - 1] == '!'};
    const std::string_view label = part.substr(0, term.negated ? equals - 1 : equals);
    std::string_view value = part.substr(equals + 1);
    if (!term.negated && value.starts_with('=')) value.remove_prefix(1);
    term.value = unescape(value);
    const auto& fields = resource.selectable_fields;
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const SelectableField& one) { return one.label == label; });
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
