// SPDX-License-Identifier: Apache-2.0
#include "api/core/template_rules.h"
#include "api/groups.h"
#include "api/policy/types.h"
#include "api/rules.h"

namespace skiff::api::policy {
namespace {

void budget_spec(const PodDisruptionBudgetSpec& spec, FieldErrors& errors) {
  if (spec.minAvailable && spec.maxUnavailable)
    errors.invalid_json(encode_json(spec), "minAvailable and maxUnavailable cannot be both set");
  rules::amount("minAvailable", spec.minAvailable, true, errors);
  rules::amount("maxUnavailable", spec.maxUnavailable, true, errors);
}

constexpr Rule kRules[] = {
    rule<budget_spec>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::policy
