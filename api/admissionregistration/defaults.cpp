// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/policies.h"
#include "api/admissionregistration/webhooks.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::admissionregistration {
namespace {

template <class Webhook>
void webhook(Webhook& webhook) {
  set(webhook.failurePolicy, "Fail");
  set(webhook.matchPolicy, "Equivalent");
  webhook.namespaceSelector.ensure();
  webhook.objectSelector.ensure();
  set(webhook.timeoutSeconds, 10);
}
void mutating_webhook(MutatingWebhook& one) {
  webhook(one);
  set(one.reinvocationPolicy, "Never");
}
template <class Rule>
void scope(Rule& rule) {
  set(rule.scope, "*");
}
void service(AdmissionServiceReference& service) {
  set(service.port, 443);
}
void match_resources(MatchResources& match) {
  set(match.matchPolicy, "Equivalent");
  match.namespaceSelector.ensure();
  match.objectSelector.ensure();
}
void policy_spec(ValidatingAdmissionPolicySpec& spec) {
  set(spec.failurePolicy, "Fail");
}

constexpr DefaultHook kDefaults[] = {
    default_hook<webhook<ValidatingWebhook>>(),
    default_hook<mutating_webhook>(),
    default_hook<scope<RuleWithOperations>>(),
    default_hook<scope<NamedRuleWithOperations>>(),
    default_hook<service>(),
    default_hook<match_resources>(),
    default_hook<policy_spec>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::admissionregistration
