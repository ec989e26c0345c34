// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/admissionregistration/policies.h"
#include "api/admissionregistration/webhooks.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"
#include "api/text.h"

namespace skiff::api::admissionregistration {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

constexpr int32_t kLongestTimeout = 30;
constexpr size_t kMaxConditions = 64;

void list_of(std::string_view name, const std::vector<std::string>& list, std::string_view what,
             FieldErrors& errors) {
  const auto field = errors.at(name);
  if (list.empty()) return errors.required();
  if (list.size() > 1 && std::find(list.begin(), list.end(), "*") != list.end())
    errors.invalid_json(encode_json(list),
                        fmt::format("if '*' is present, must not specify other {}", what));
}

template <class Rule>
void operations(const Rule& rule, FieldErrors& errors) {
  list_of("operations", rule.operations, "operations", errors);
  each(errors, "operations", rule.operations, [&](const std::string& one) {
    if (!is_one_of(one, "*,CONNECT,CREATE,DELETE,UPDATE"))
      errors.not_supported(one, "*,CONNECT,CREATE,DELETE,UPDATE");
  });
  list_of("apiGroups", rule.apiGroups, "API groups", errors);
  list_of("apiVersions", rule.apiVersions, "API versions", errors);
  at(errors, "resources", [&] {
    if (rule.resources.empty()) errors.required();
  });
}

void conditions(const std::vector<MatchCondition>& conditions, FieldErrors& errors) {
  std::set<std::string> names;
  if (conditions.size() > kMaxConditions)
    at(errors, "matchConditions", [&] { errors.too_many(conditions.size(), kMaxConditions); });
  each(errors, "matchConditions", conditions, [&](const MatchCondition& one) {
    name_at(errors, "name", one.name, check_qualified_name);
    if (!names.insert(one.name).second) at(errors, "name", [&] { errors.duplicate(one.name); });
  });
}

void client_config(const AdmissionWebhookClientConfig& config, FieldErrors& errors) {
  if (config.url.has_value() == config.service.has_value())
    errors.required("exactly one of url or service is required");
  if (config.url && !config.url->starts_with("https://"))
    at(errors, "url", [&] {
      errors.invalid(*config.url,
                     "'https' is the only allowed URL scheme; desired format: "
                     "https://host[/path]");
    });
  if (!config.service || !config.service->port) return;
  const int32_t number = *config.service->port;
  const auto field = errors.at("service");
  if (number < 1 || number > 65535)
    at(errors, "port", [&] {
      errors.invalid(number, "port is not valid: must be between 1 and 65535, inclusive");
    });
}

template <class Webhook>
void webhook(const Webhook& webhook, FieldErrors& errors) {
  if (!webhook.name.empty() && std::count(webhook.name.begin(), webhook.name.end(), '.') < 2)
    at(errors, "name", [&] {
      errors.invalid(webhook.name,
                     "should be a domain with at least three segments separated by dots");
    });
  name_at(errors, "name", webhook.name, check_dns1123_subdomain);
  each(errors, "rules", webhook.rules, [&](const auto& rule) { operations(rule, errors); });
  if (webhook.timeoutSeconds &&
      (*webhook.timeoutSeconds < 1 || *webhook.timeoutSeconds > kLongestTimeout))
    at(errors, "timeoutSeconds", [&] {
      errors.invalid(*webhook.timeoutSeconds, "the timeout value must be between 1 and 30 seconds");
    });
  if (webhook.admissionReviewVersions.empty())
    at(errors, "admissionReviewVersions",
       [&] { errors.required("must specify one of v1, v1beta1"); });
  conditions(webhook.matchConditions, errors);
}

template <class Configuration>
void configuration(const Configuration& configuration, FieldErrors& errors) {
  std::set<std::string> names;
  each(errors, "webhooks", configuration.webhooks, [&](const auto& webhook) {
    if (!names.insert(webhook.name).second)
      at(errors, "name", [&] { errors.duplicate(webhook.name); });
  });
}

void match_resources(const MatchResources& match, FieldErrors& errors) {
  each(errors, "resourceRules", match.resourceRules,
       [&](const auto& rule) { operations(rule, errors); });
  each(errors, "excludeResourceRules", match.excludeResourceRules,
       [&](const auto& rule) { operations(rule, errors); });
}

void policy_spec(const ValidatingAdmissionPolicySpec& spec, FieldErrors& errors) {
  if (!spec.matchConstraints)
    at(errors, "matchConstraints", [&] { errors.required(); });
  else if (spec.matchConstraints->resourceRules.empty())
    at(errors, "matchConstraints", [&] {
      const auto field = errors.at("resourceRules");
      errors.required();
    });
  if (spec.validations.empty() && spec.auditAnnotations.empty())
    at(errors, "validations",
       [&] { errors.required("validations or auditAnnotations must contain at least one item"); });
  conditions(spec.matchConditions, errors);
}

void binding_spec(const ValidatingAdmissionPolicyBindingSpec& spec, FieldErrors& errors) {
  const auto actions = [&](std::string_view action) {
    return std::find(spec.validationActions.begin(), spec.validationActions.end(), action) !=
           spec.validationActions.end();
  };
  if (spec.policyName.empty()) at(errors, "policyName", [&] { errors.required(); });
  const auto field = errors.at("validationActions");
  if (spec.validationActions.empty()) errors.required();
  if (actions("Deny") && actions("Warn"))
    errors.invalid_json(encode_json(spec.validationActions),
                        "must not contain both Deny and Warn (repeating the same validation "
                        "failure information in the API response and headers serves no purpose)");
}

constexpr Rule kRules[] = {
    rule<client_config>(),
    rule<webhook<ValidatingWebhook>>(),
    rule<webhook<MutatingWebhook>>(),
    rule<configuration<ValidatingWebhookConfiguration>>(),
    rule<configuration<MutatingWebhookConfiguration>>(),
    rule<match_resources>(),
    rule<policy_spec>(),
    rule<binding_spec>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::admissionregistration
