// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/names.h"

#include <algorithm>

#include "api/kind.h"

namespace skiff::openapi {
namespace {

// Types that are no kinds and lie outside of core, by package. Names are unique among them, except
// for the two ports of endpoints, which our structs tell apart.
struct Package {
  std::string_view prefix;
  std::initializer_list<std::string_view> types;
};

constexpr Package kPackages[] = {
    {kMeta,
     {"ObjectMeta",
      "OwnerReference",
      "ManagedFieldsEntry",
      "ListMeta",
      "LabelSelector",
      "LabelSelectorRequirement",
      "FieldSelectorRequirement",
      "Condition",
      "Preconditions",
      "DeleteOptions",
      "Status",
      "StatusCause",
      "StatusDetails",
      "APIGroup",
      "APIGroupList",
      "APIResource",
      "APIResourceList",
      "APIVersions",
      "GroupVersionForDiscovery",
      "ServerAddressByClientCIDR"}},
    {"io.k8s.api.apps.v1.",
     {"DeploymentSpec",
      "DeploymentStatus",
      "DeploymentStrategy",
      "DeploymentCondition",
      "RollingUpdateDeployment",
      "ReplicaSetSpec",
      "ReplicaSetStatus",
      "ReplicaSetCondition",
      "DaemonSetSpec",
      "DaemonSetStatus",
      "DaemonSetCondition",
      "DaemonSetUpdateStrategy",
      "RollingUpdateDaemonSet",
      "StatefulSetSpec",
      "StatefulSetStatus",
      "StatefulSetCondition",
      "StatefulSetUpdateStrategy",
      "StatefulSetOrdinals",
      "RollingUpdateStatefulSetStrategy",
      "StatefulSetPersistentVolumeClaimRetentionPolicy"}},
    {"io.k8s.api.authentication.v1.",
     {"UserInfo", "TokenReviewSpec", "TokenReviewStatus", "BoundObjectReference",
      "TokenRequestSpec", "TokenRequestStatus", "SelfSubjectReviewStatus"}},
    {"io.k8s.api.authorization.v1.",
     {"FieldSelectorAttributes", "LabelSelectorAttributes", "ResourceAttributes",
      "NonResourceAttributes", "SubjectAccessReviewSpec", "SubjectAccessReviewStatus",
      "SelfSubjectAccessReviewSpec", "ResourceRule", "NonResourceRule", "SubjectRulesReviewStatus",
      "SelfSubjectRulesReviewSpec"}},
    {"io.k8s.api.autoscaling.v1.", {"ScaleSpec", "ScaleStatus"}},
    {"io.k8s.api.coordination.v1.", {"LeaseSpec"}},
    {"io.k8s.api.discovery.v1.",
     {"Endpoint", "EndpointConditions", "EndpointHints", "ForNode", "ForZone"}},
    {"io.k8s.api.networking.v1.",
     {"IPBlock", "NetworkPolicyEgressRule", "NetworkPolicyIngressRule", "NetworkPolicyPeer",
      "NetworkPolicyPort", "NetworkPolicySpec"}},
    {"io.k8s.api.policy.v1.", {"PodDisruptionBudgetSpec", "PodDisruptionBudgetStatus"}},
};

std::string_view package_of_part(std::string_view name) {
  for (const Package& package : kPackages)
    if (std::find(package.types.begin(), package.types.end(), name) != package.types.end())
      return package.prefix;
  return "io.k8s.api.core.v1.";
}

}  // namespace

std::string package_of(std::string_view group, std::string_view version) {
  // rbac.authorization.k8s.io is rbac, apps is apps.
  const std::string_view word = group.empty() ? "core" : group.substr(0, group.find('.'));
  return std::string("io.k8s.api.").append(word).append(".").append(version).append(".");
}

std::string definition_name(const api::TypeInfo& type) {
  if (type.form == api::Form::kQuantity) return "io.k8s.apimachinery.pkg.api.resource.Quantity";
  if (type.form == api::Form::kIntOrString)
    return "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
  if (type.form != api::Form::kStruct) return kMeta + std::string(type.name);
  if (type.name == "EndpointSlicePort") return "io.k8s.api.discovery.v1.EndpointPort";
  const std::string_view part = package_of_part(type.name);
  const api::Kind* kind = part == kMeta ? nullptr : api::find_kind(type);
  std::string name = kind != nullptr ? package_of(kind->group, kind->version) : std::string(part);
  return name.append(type.name);
}

}  // namespace skiff::openapi
