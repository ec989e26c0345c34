// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/policies.h"
#include "api/admissionregistration/webhooks.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_admissionregistration(Registry& registry, const Parts&) {
  registry.add(with_generation<api::ValidatingWebhookConfiguration>());
  registry.add(with_generation<api::MutatingWebhookConfiguration>());
  registry.add(with_status(row<api::ValidatingAdmissionPolicy>()));
  registry.add(with_generation<api::ValidatingAdmissionPolicyBinding>());
}

}  // namespace skiff::apiserver
