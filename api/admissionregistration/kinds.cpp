// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/policies.h"
#include "api/admissionregistration/webhooks.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::admissionregistration {
namespace {
constexpr const char* kGroup = "admissionregistration.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<ValidatingWebhookConfiguration>(kGroup, "validatingwebhookconfigurations", kCluster,
                                             {}, {"api-extensions"}),
      stored<MutatingWebhookConfiguration>(kGroup, "mutatingwebhookconfigurations", kCluster, {},
                                           {"api-extensions"}),
      stored<ValidatingAdmissionPolicy>(kGroup, "validatingadmissionpolicies", kCluster, {},
                                        {"api-extensions"}),
      stored<ValidatingAdmissionPolicyBinding>(kGroup, "validatingadmissionpolicybindings",
                                               kCluster, {}, {"api-extensions"}),
  };
  return all;
}

}  // namespace skiff::api::admissionregistration
