// SPDX-License-Identifier: Apache-2.0
#include "api/flowcontrol/flow_schema.h"
#include "api/flowcontrol/priority_level.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"

namespace skiff::api::flowcontrol {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

constexpr int32_t kMaxPrecedence = 10'000;

void some(std::string_view name, bool any, FieldErrors& errors) {
  if (!any)
    at(errors, name,
       [&] { errors.required(fmt::format("{} must contain at least one value", name)); });
}

void subject(const FlowSubject& subject, FieldErrors& errors) {
  const auto must = [&](std::string_view kind, std::string_view field, bool there) {
    if (subject.kind == kind && !there)
      at(errors, field, [&] {
        errors.required(fmt::format("{} is required when subject kind is '{}'", field, kind));
      });
    if (subject.kind != kind && there)
      at(errors, field, [&] {
        errors.forbidden(fmt::format("{} is forbidden when subject kind is not '{}'", field, kind));
      });
  };
  must("User", "user", subject.user.has_value());
  must("Group", "group", subject.group.has_value());
  must("ServiceAccount", "serviceAccount", subject.serviceAccount.has_value());
}

void rule_of(const PolicyRulesWithSubjects& rule, FieldErrors& errors) {
  some("subjects", !rule.subjects.empty(), errors);
  if (rule.resourceRules.empty() && rule.nonResourceRules.empty())
    errors.required("at least one of resourceRules and nonResourceRules has to be non-empty");
  each(errors, "resourceRules", rule.resourceRules, [&](const ResourcePolicyRule& one) {
    some("verbs", !one.verbs.empty(), errors);
    some("apiGroups", !one.apiGroups.empty(), errors);
    some("resources", !one.resources.empty(), errors);
    if (one.namespaces.empty() && !one.clusterScope)
      at(errors, "namespaces", [&] {
        errors.required(
            "resource rules that are not cluster scoped must supply at least one namespace");
      });
  });
  each(errors, "nonResourceRules", rule.nonResourceRules, [&](const NonResourcePolicyRule& one) {
    some("verbs", !one.verbs.empty(), errors);
    some("nonResourceURLs", !one.nonResourceURLs.empty(), errors);
  });
}

void flow_schema_spec(const FlowSchemaSpec& spec, FieldErrors& errors) {
  const auto field = errors.at("matchingPrecedence");
  if (spec.matchingPrecedence <= 0)
    errors.invalid(spec.matchingPrecedence, "must be a positive value");
  if (spec.matchingPrecedence > kMaxPrecedence)
    errors.invalid(spec.matchingPrecedence,
                   fmt::format("must not be greater than {}", kMaxPrecedence));
}

void level_spec(const PriorityLevelConfigurationSpec& spec, FieldErrors& errors) {
  if (spec.type == "Exempt" && spec.limited)
    at(errors, "limited", [&] { errors.forbidden("must be nil if the type is not Limited"); });
  if (spec.type != "Limited") return;
  if (spec.exempt)
    at(errors, "exempt", [&] { errors.forbidden("must be nil if the type is Limited"); });
  if (!spec.limited)
    at(errors, "limited", [&] { errors.required("must not be empty when type is Limited"); });
}

void limit_response(const LimitResponse& response, FieldErrors& errors) {
  const auto field = errors.at("queuing");
  if (response.type == "Queue" && !response.queuing)
    errors.required("must not be empty if and only if type is Queue");
  if (response.type == "Reject" && response.queuing)
    errors.forbidden("must be nil if and only if type is Reject");
}

void queuing(const QueuingConfiguration& queuing, FieldErrors& errors) {
  const auto positive = [&](std::string_view name, int32_t value) {
    if (value <= 0) at(errors, name, [&] { errors.invalid(value, "must be positive"); });
  };
  positive("queues", queuing.queues);
  positive("queueLengthLimit", queuing.queueLengthLimit);
  positive("handSize", queuing.handSize);
  if (queuing.handSize > queuing.queues)
    at(errors, "handSize", [&] {
      errors.invalid(queuing.handSize,
                     fmt::format("should not be greater than queues ({})", queuing.queues));
    });
}

constexpr Rule kRules[] = {
    rule<subject>(),    rule<rule_of>(),        rule<flow_schema_spec>(),
    rule<level_spec>(), rule<limit_response>(), rule<queuing>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::flowcontrol
