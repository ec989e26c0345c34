// SPDX-License-Identifier: Apache-2.0
#include "api/kind.h"

#include <fmt/format.h>

#include "api/objects.h"
#include "base/check.h"

namespace skiff::api {
namespace {

using enum Serving;
using Names = std::string_view[];

constexpr std::string_view kAll[] = {"all"};
constexpr std::string_view kCm[] = {"cm"}, kEp[] = {"ep"}, kEv[] = {"ev"}, kNs[] = {"ns"},
                           kNo[] = {"no"}, kPo[] = {"po"}, kSvc[] = {"svc"}, kSa[] = {"sa"},
                           kDeploy[] = {"deploy"}, kRs[] = {"rs"}, kDs[] = {"ds"}, kSts[] = {"sts"},
                           kRc[] = {"rc"}, kPv[] = {"pv"}, kPvc[] = {"pvc"}, kLimits[] = {"limits"},
                           kQuota[] = {"quota"}, kPdb[] = {"pdb"}, kCs[] = {"cs"};
constexpr bool kNamespaced = true, kCluster = false;

constexpr std::string_view kApps = "apps", kAuthn = "authentication.k8s.io",
                           kAuthz = "authorization.k8s.io", kPolicy = "policy",
                           kScale = "autoscaling";

// A message or a kind behind a subresource.
template <class T>
constexpr Kind message(std::string_view group, std::string_view kind) {
  return {.group = group,
          .version = "v1",
          .kind = kind,
          .type = &Describe<T>::type,
          .serving = kTypeOnly};
}

const Kind kKinds[] = {
    {"",
     "v1",
     "Namespace",
     "NamespaceList",
     "namespaces",
     "namespace",
     kCluster,
     kNs,
     {},
     &Describe<Namespace>::type},
    {"", "v1", "Node", "NodeList", "nodes", "node", kCluster, kNo, {}, &Describe<Node>::type},
    {"", "v1", "Pod", "PodList", "pods", "pod", kNamespaced, kPo, kAll, &Describe<Pod>::type},
    {"", "v1", "Service", "ServiceList", "services", "service", kNamespaced, kSvc, kAll,
     &Describe<Service>::type},
    {"",
     "v1",
     "Endpoints",
     "EndpointsList",
     "endpoints",
     "endpoints",
     kNamespaced,
     kEp,
     {},
     &Describe<Endpoints>::type},
    {"",
     "v1",
     "ConfigMap",
     "ConfigMapList",
     "configmaps",
     "configmap",
     kNamespaced,
     kCm,
     {},
     &Describe<ConfigMap>::type},
    {"",
     "v1",
     "Secret",
     "SecretList",
     "secrets",
     "secret",
     kNamespaced,
     {},
     {},
     &Describe<Secret>::type},
    {"",
     "v1",
     "ServiceAccount",
     "ServiceAccountList",
     "serviceaccounts",
     "serviceaccount",
     kNamespaced,
     kSa,
     {},
     &Describe<ServiceAccount>::type},
    {"",
     "v1",
     "Event",
     "EventList",
     "events",
     "event",
     kNamespaced,
     kEv,
     {},
     &Describe<Event>::type},
    {kApps, "v1", "Deployment", "DeploymentList", "deployments", "deployment", kNamespaced, kDeploy,
     kAll, &Describe<Deployment>::type},
    {kApps, "v1", "ReplicaSet", "ReplicaSetList", "replicasets", "replicaset", kNamespaced, kRs,
     kAll, &Describe<ReplicaSet>::type},
    {"discovery.k8s.io",
     "v1",
     "EndpointSlice",
     "EndpointSliceList",
     "endpointslices",
     "endpointslice",
     kNamespaced,
     {},
     {},
     &Describe<EndpointSlice>::type},
    {"coordination.k8s.io",
     "v1",
     "Lease",
     "LeaseList",
     "leases",
     "lease",
     kNamespaced,
     {},
     {},
     &Describe<Lease>::type},

    {"",
     "v1",
     "Binding",
     "",
     "bindings",
     "binding",
     kNamespaced,
     {},
     {},
     &Describe<Binding>::type,
     kVirtual},
    {kAuthn,
     "v1",
     "TokenReview",
     "",
     "tokenreviews",
     "tokenreview",
     kCluster,
     {},
     {},
     &Describe<TokenReview>::type,
     kVirtual},
    {kAuthn,
     "v1",
     "SelfSubjectReview",
     "",
     "selfsubjectreviews",
     "selfsubjectreview",
     kCluster,
     {},
     {},
     &Describe<SelfSubjectReview>::type,
     kVirtual},
    {kAuthz,
     "v1",
     "SubjectAccessReview",
     "",
     "subjectaccessreviews",
     "subjectaccessreview",
     kCluster,
     {},
     {},
     &Describe<SubjectAccessReview>::type,
     kVirtual},
    {kAuthz,
     "v1",
     "LocalSubjectAccessReview",
     "",
     "localsubjectaccessreviews",
     "localsubjectaccessreview",
     kNamespaced,
     {},
     {},
     &Describe<LocalSubjectAccessReview>::type,
     kVirtual},
    {kAuthz,
     "v1",
     "SelfSubjectAccessReview",
     "",
     "selfsubjectaccessreviews",
     "selfsubjectaccessreview",
     kCluster,
     {},
     {},
     &Describe<SelfSubjectAccessReview>::type,
     kVirtual},
    {kAuthz,
     "v1",
     "SelfSubjectRulesReview",
     "",
     "selfsubjectrulesreviews",
     "selfsubjectrulesreview",
     kCluster,
     {},
     {},
     &Describe<SelfSubjectRulesReview>::type,
     kVirtual},

    {"",
     "v1",
     "ComponentStatus",
     "ComponentStatusList",
     "componentstatuses",
     "componentstatus",
     kCluster,
     kCs,
     {},
     &Describe<ComponentStatus>::type,
     kTypeOnly},
    {"",
     "v1",
     "LimitRange",
     "LimitRangeList",
     "limitranges",
     "limitrange",
     kNamespaced,
     kLimits,
     {},
     &Describe<LimitRange>::type,
     kTypeOnly},
    {"",
     "v1",
     "PersistentVolume",
     "PersistentVolumeList",
     "persistentvolumes",
     "persistentvolume",
     kCluster,
     kPv,
     {},
     &Describe<PersistentVolume>::type,
     kTypeOnly},
    {"",
     "v1",
     "PersistentVolumeClaim",
     "PersistentVolumeClaimList",
     "persistentvolumeclaims",
     "persistentvolumeclaim",
     kNamespaced,
     kPvc,
     {},
     &Describe<PersistentVolumeClaim>::type,
     kTypeOnly},
    {"",
     "v1",
     "PodTemplate",
     "PodTemplateList",
     "podtemplates",
     "podtemplate",
     kNamespaced,
     {},
     {},
     &Describe<PodTemplate>::type,
     kTypeOnly},
    {"", "v1", "ReplicationController", "ReplicationControllerList", "replicationcontrollers",
     "replicationcontroller", kNamespaced, kRc, kAll, &Describe<ReplicationController>::type,
     kTypeOnly},
    {"",
     "v1",
     "ResourceQuota",
     "ResourceQuotaList",
     "resourcequotas",
     "resourcequota",
     kNamespaced,
     kQuota,
     {},
     &Describe<ResourceQuota>::type,
     kTypeOnly},
    {kApps,
     "v1",
     "ControllerRevision",
     "ControllerRevisionList",
     "controllerrevisions",
     "controllerrevision",
     kNamespaced,
     {},
     {},
     &Describe<ControllerRevision>::type,
     kTypeOnly},
    {kApps, "v1", "DaemonSet", "DaemonSetList", "daemonsets", "daemonset", kNamespaced, kDs, kAll,
     &Describe<DaemonSet>::type, kTypeOnly},
    {kApps, "v1", "StatefulSet", "StatefulSetList", "statefulsets", "statefulset", kNamespaced,
     kSts, kAll, &Describe<StatefulSet>::type, kTypeOnly},
    {kPolicy,
     "v1",
     "PodDisruptionBudget",
     "PodDisruptionBudgetList",
     "poddisruptionbudgets",
     "poddisruptionbudget",
     kNamespaced,
     kPdb,
     {},
     &Describe<PodDisruptionBudget>::type,
     kTypeOnly},

    message<Eviction>(kPolicy, "Eviction"),
    message<Scale>(kScale, "Scale"),
    message<TokenRequest>(kAuthn, "TokenRequest"),
    message<Status>("", "Status"),
    message<DeleteOptions>("", "DeleteOptions"),
    message<APIVersions>("", "APIVersions"),
    message<APIGroup>("", "APIGroup"),
    message<APIGroupList>("", "APIGroupList"),
    message<APIResourceList>("", "APIResourceList"),
};

}  // namespace

std::string Kind::api_version() const {
  return group.empty() ? std::string(version) : fmt::format("{}/{}", group, version);
}

std::string Kind::resource() const {
  return group.empty() ? std::string(plural) : fmt::format("{}.{}", plural, group);
}

std::span<const Kind> all_kinds() {
  return kKinds;
}

const Kind* find_kind(std::string_view group, std::string_view version, std::string_view kind) {
  for (const Kind& k : kKinds)
    if (k.kind == kind && k.group == group && k.version == version) return &k;
  return nullptr;
}

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
  const size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return find_kind("", api_version, kind);
  return find_kind(api_version.substr(0, slash), api_version.substr(slash + 1), kind);
}

const Kind* find_resource(std::string_view group, std::string_view version,
                          std::string_view plural) {
  for (const Kind& k : kKinds)
    if (k.plural == plural && k.group == group && k.version == version && k.serving != kTypeOnly)
      return &k;
  return nullptr;
}

const Kind* find_kind(const TypeInfo& type) {
  for (const Kind& k : kKinds)
    if (k.type == &type) return &k;
  return nullptr;
}

const Kind& kind_of(const TypeInfo& type) {
  const Kind* kind = find_kind(type);
  CHECK(kind != nullptr);
  return *kind;
}

}  // namespace skiff::api
