// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "api/apiextensions/definition.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"

namespace skiff::api::apiextensions {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string check_word(std::string_view word) {
  return check_dns1035_label(lower(word));
}

void names(const CustomResourceDefinitionNames& names, FieldErrors& errors) {
  name_at(errors, "plural", names.plural, check_dns1035_label);
  name_at(errors, "singular", names.singular, check_dns1035_label);
  name_at(errors, "kind", names.kind, check_word);
  name_at(errors, "listKind", names.listKind, check_word);
  if (!names.kind.empty() && names.kind == names.listKind)
    at(errors, "listKind",
       [&] { errors.invalid(names.listKind, "kind and listKind may not be the same"); });
  each(errors, "shortNames", names.shortNames,
       [&](const std::string& name) { errors.unless_empty(name, check_dns1035_label(name)); });
  each(errors, "categories", names.categories,
       [&](const std::string& name) { errors.unless_empty(name, check_dns1035_label(name)); });
}

void versions(const CustomResourceDefinitionSpec& spec, FieldErrors& errors) {
  std::set<std::string> seen;
  size_t stored = 0;
  bool unique = true;
  each(errors, "versions", spec.versions, [&](const CustomResourceDefinitionVersion& one) {
    name_at(errors, "name", one.name, check_dns1035_label);
    unique = seen.insert(one.name).second && unique;
    stored += one.storage ? 1 : 0;
    const auto schema = errors.at("schema");
    if (!one.schema || !one.schema->openAPIV3Schema)
      at(errors, "openAPIV3Schema", [&] { errors.required("schemas are required"); });
  });
  const auto field = errors.at("versions");
  if (!unique) errors.invalid_json("[]", "must contain unique version names");
  if (!spec.versions.empty() && stored != 1)
    errors.invalid_json("[]", "must have exactly one version marked as storage version");
}

void conversion(const CustomResourceConversion& conversion, FieldErrors& errors) {
  const auto webhook = errors.at("webhook");
  if (conversion.strategy == "None" && conversion.webhook)
    return errors.forbidden("should not be set when strategy is not set to Webhook");
  if (conversion.strategy != "Webhook") return;
  if (!conversion.webhook || !conversion.webhook->clientConfig)
    return at(errors, "clientConfig",
              [&] { errors.required("required when strategy is set to Webhook"); });
  const auto config = errors.at("clientConfig");
  const auto& client = *conversion.webhook->clientConfig;
  if (client.url.has_value() == client.service.has_value())
    errors.required("exactly one of url or service is required");
}

void definition(const CustomResourceDefinition& definition, FieldErrors& errors) {
  const CustomResourceDefinitionSpec& spec = definition.spec;
  if (definition.metadata.name != spec.names.plural + "." + spec.group) {
    const auto metadata = errors.at("metadata");
    at(errors, "name", [&] {
      errors.invalid(definition.metadata.name, "must be spec.names.plural+\".\"+spec.group");
    });
  }
  const auto field = errors.at("spec");
  name_at(errors, "group", spec.group, check_dns1123_subdomain);
  if (!spec.group.empty() && spec.group.find('.') == std::string::npos)
    at(errors, "group",
       [&] { errors.invalid(spec.group, "should be a domain with at least one dot"); });
  at(errors, "names", [&] { names(spec.names, errors); });
  versions(spec, errors);
  if (spec.conversion) at(errors, "conversion", [&] { conversion(*spec.conversion, errors); });
  if (spec.preserveUnknownFields)
    at(errors, "preserveUnknownFields", [&] {
      errors.invalid_json("true",
                          "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                          "spec.versions[*].schema instead");
    });
}

constexpr Rule kRules[] = {
    rule<definition>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::apiextensions
