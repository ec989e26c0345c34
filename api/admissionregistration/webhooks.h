// SPDX-License-Identifier: Apache-2.0
// Admission by asking others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/admissionregistration/rules.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A Service that answers.
struct AdmissionServiceReference {
  std::string namespace_;
  std::string name;
  std::optional<std::string> path;
  std::optional<int32_t> port;
};
KUBE_TYPE(AdmissionServiceReference)

// Who is asked, and how to trust the answer.
struct AdmissionWebhookClientConfig {
  Box<AdmissionServiceReference> service;
  Bytes caBundle;
  std::optional<std::string> url;
};
KUBE_TYPE(AdmissionWebhookClientConfig)

// Somebody who may refuse.
struct ValidatingWebhook {
  std::string name;
  AdmissionWebhookClientConfig clientConfig;
  std::vector<RuleWithOperations> rules;
  std::optional<std::string> failurePolicy;
  Box<LabelSelector> namespaceSelector;
  std::string sideEffects;
  std::optional<int32_t> timeoutSeconds;
  std::vector<std::string> admissionReviewVersions;
  std::optional<std::string> matchPolicy;
  Box<LabelSelector> objectSelector;
  std::vector<MatchCondition> matchConditions;
};
KUBE_TYPE(ValidatingWebhook)

// Who may refuse.
struct ValidatingWebhookConfiguration {
  ObjectMeta metadata;
  std::vector<ValidatingWebhook> webhooks;
};
KUBE_TYPE(ValidatingWebhookConfiguration)

// Somebody who may change what is written.
struct MutatingWebhook {
  std::string name;
  AdmissionWebhookClientConfig clientConfig;
  std::vector<RuleWithOperations> rules;
  std::optional<std::string> failurePolicy;
  Box<LabelSelector> namespaceSelector;
  std::string sideEffects;
  std::optional<int32_t> timeoutSeconds;
  std::vector<std::string> admissionReviewVersions;
  std::optional<std::string> matchPolicy;
  std::optional<std::string> reinvocationPolicy;
  Box<LabelSelector> objectSelector;
  std::vector<MatchCondition> matchConditions;
};
KUBE_TYPE(MutatingWebhook)

// Who may change what is written.
struct MutatingWebhookConfiguration {
  ObjectMeta metadata;
  std::vector<MutatingWebhook> webhooks;
};
KUBE_TYPE(MutatingWebhookConfiguration)

}  // namespace skiff::api
