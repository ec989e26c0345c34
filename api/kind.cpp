// SPDX-License-Identifier: Apache-2.0
#include "api/kind.h"

#include <fmt/format.h>

#include "api/objects.h"
#include "base/check.h"

namespace skiff::api {
namespace {

using enum Serving;

constexpr std::string_view kAll[] = {"all"};
constexpr std::string_view kCm[] = {"cm"}, kEp[] = {"ep"}, kEv[] = {"ev"}, kNs[] = {"ns"},
                           kNo[] = {"no"}, kPo[] = {"po"}, kSvc[] = {"svc"}, kSa[] = {"sa"},
                           kDeploy[] = {"deploy"}, kRs[] = {"rs"}, kDs[] = {"ds"}, kSts[] = {"sts"},
                           kRc[] = {"rc"}, kPv[] = {"pv"}, kPvc[] = {"pvc"}, kLimits[] = {"limits"},
                           kQuota[] = {"quota"}, kPdb[] = {"pdb"}, kCs[] = {"cs"},
                           kNetpol[] = {"netpol"};
constexpr bool kNamespaced = true, kCluster = false;

constexpr std::string_view kApps = "apps", kAuthn = "authentication.k8s.io",
                           kAuthz = "authorization.k8s.io", kPolicy = "policy",
                           kScale = "autoscaling";

// A resource with all verbs.
template <class T>
constexpr Kind stored(std::string_view group, std::string_view kind, std::string_view list_kind,
                      std::string_view plural, std::string_view singular, bool namespaced,
                      std::span<const std::string_view> short_names = {},
                      std::span<const std::string_view> categories = {}) {
  return {group,      "v1",        kind,       list_kind,          plural, singular,
          namespaced, short_names, categories, &Describe<T>::type, kStored};
}

// A kind whose type is known and which is not served yet.
template <class T, class... Names>
constexpr Kind later(const Names&... names) {
  Kind kind = stored<T>(names...);
  kind.serving = kTypeOnly;
  return kind;
}

// A question: created, answered, forgotten.
template <class T>
constexpr Kind question(std::string_view group, std::string_view kind, std::string_view plural,
                        std::string_view singular, bool namespaced) {
  Kind k = stored<T>(group, kind, "", plural, singular, namespaced);
  k.serving = kVirtual;
  return k;
}

// A message, or a kind behind a subresource.
template <class T>
constexpr Kind message(std::string_view group, std::string_view kind) {
  return later<T>(group, kind, std::string_view(), std::string_view(), std::string_view(), false);
}

constexpr Kind kKinds[] = {
    stored<Namespace>("", "Namespace", "NamespaceList", "namespaces", "namespace", kCluster, kNs),
    stored<Node>("", "Node", "NodeList", "nodes", "node", kCluster, kNo),
    stored<Pod>("", "Pod", "PodList", "pods", "pod", kNamespaced, kPo, kAll),
    stored<Service>("", "Service", "ServiceList", "services", "service", kNamespaced, kSvc, kAll),
    stored<Endpoints>("", "Endpoints", "EndpointsList", "endpoints", "endpoints", kNamespaced, kEp),
    stored<ConfigMap>("", "ConfigMap", "ConfigMapList", "configmaps", "configmap", kNamespaced,
                      kCm),
    stored<Secret>("", "Secret", "SecretList", "secrets", "secret", kNamespaced),
    stored<ServiceAccount>("", "ServiceAccount", "ServiceAccountList", "serviceaccounts",
                           "serviceaccount", kNamespaced, kSa),
    stored<Event>("", "Event", "EventList", "events", "event", kNamespaced, kEv),
    stored<Deployment>(kApps, "Deployment", "DeploymentList", "deployments", "deployment",
                       kNamespaced, kDeploy, kAll),
    stored<ReplicaSet>(kApps, "ReplicaSet", "ReplicaSetList", "replicasets", "replicaset",
                       kNamespaced, kRs, kAll),
    stored<EndpointSlice>("discovery.k8s.io", "EndpointSlice", "EndpointSliceList",
                          "endpointslices", "endpointslice", kNamespaced),
    stored<Lease>("coordination.k8s.io", "Lease", "LeaseList", "leases", "lease", kNamespaced),
    stored<NetworkPolicy>("networking.k8s.io", "NetworkPolicy", "NetworkPolicyList",
                          "networkpolicies", "networkpolicy", kNamespaced, kNetpol),

    question<Binding>("", "Binding", "bindings", "binding", kNamespaced),
    question<TokenReview>(kAuthn, "TokenReview", "tokenreviews", "tokenreview", kCluster),
    question<SelfSubjectReview>(kAuthn, "SelfSubjectReview", "selfsubjectreviews",
                                "selfsubjectreview", kCluster),
    question<SubjectAccessReview>(kAuthz, "SubjectAccessReview", "subjectaccessreviews",
                                  "subjectaccessreview", kCluster),
    question<LocalSubjectAccessReview>(kAuthz, "LocalSubjectAccessReview",
                                       "localsubjectaccessreviews", "localsubjectaccessreview",
                                       kNamespaced),
    question<SelfSubjectAccessReview>(kAuthz, "SelfSubjectAccessReview", "selfsubjectaccessreviews",
                                      "selfsubjectaccessreview", kCluster),
    question<SelfSubjectRulesReview>(kAuthz, "SelfSubjectRulesReview", "selfsubjectrulesreviews",
                                     "selfsubjectrulesreview", kCluster),

    later<ComponentStatus>("", "ComponentStatus", "ComponentStatusList", "componentstatuses",
                           "componentstatus", kCluster, kCs),
    later<LimitRange>("", "LimitRange", "LimitRangeList", "limitranges", "limitrange", kNamespaced,
                      kLimits),
    later<PersistentVolume>("", "PersistentVolume", "PersistentVolumeList", "persistentvolumes",
                            "persistentvolume", kCluster, kPv),
    later<PersistentVolumeClaim>("", "PersistentVolumeClaim", "PersistentVolumeClaimList",
                                 "persistentvolumeclaims", "persistentvolumeclaim", kNamespaced,
                                 kPvc),
    later<PodTemplate>("", "PodTemplate", "PodTemplateList", "podtemplates", "podtemplate",
                       kNamespaced),
    later<ReplicationController>("", "ReplicationController", "ReplicationControllerList",
                                 "replicationcontrollers", "replicationcontroller", kNamespaced,
                                 kRc, kAll),
    later<ResourceQuota>("", "ResourceQuota", "ResourceQuotaList", "resourcequotas",
                         "resourcequota", kNamespaced, kQuota),
    later<ControllerRevision>(kApps, "ControllerRevision", "ControllerRevisionList",
                              "controllerrevisions", "controllerrevision", kNamespaced),
    later<DaemonSet>(kApps, "DaemonSet", "DaemonSetList", "daemonsets", "daemonset", kNamespaced,
                     kDs, kAll),
    later<StatefulSet>(kApps, "StatefulSet", "StatefulSetList", "statefulsets", "statefulset",
                       kNamespaced, kSts, kAll),
    later<PodDisruptionBudget>(kPolicy, "PodDisruptionBudget", "PodDisruptionBudgetList",
                               "poddisruptionbudgets", "poddisruptionbudget", kNamespaced, kPdb),

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
