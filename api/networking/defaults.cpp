// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/groups.h"
#include "api/networking/ingress.h"
#include "api/networking/network_policy.h"

namespace skiff::api::networking {
namespace {

void policy_port(NetworkPolicyPort& port) {
  set(port.protocol, "TCP");
}
void network_policy_spec(NetworkPolicySpec& spec) {
  if (!spec.policyTypes.empty()) return;
  spec.policyTypes = {"Ingress"};
  if (!spec.egress.empty()) spec.policyTypes.emplace_back("Egress");
}
void class_parameters(IngressClassParametersReference& parameters) {
  set(parameters.scope, "Cluster");
}

constexpr DefaultHook kDefaults[] = {
    default_hook<policy_port>(),
    default_hook<network_policy_spec>(),
    default_hook<class_parameters>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::networking
