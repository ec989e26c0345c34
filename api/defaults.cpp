// SPDX-License-Identifier: Apache-2.0
// One function per type that has defaults; they are found by type wherever the type occurs,
// outermost first.
#include "api/defaults.h"

#include "api/apps.h"
#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/namespace.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/replication_controller.h"
#include "api/core/service.h"
#include "api/core/storage.h"
#include "api/discovery.h"
#include "api/networking.h"

namespace skiff::api {
namespace {

constexpr int32_t kFileMode = 0644;
constexpr int64_t kTokenSeconds = 3600;

void set(std::string& field, std::string_view value) {
  if (field.empty()) field = value;
}
void set(int32_t& field, int32_t value) {
  if (field == 0) field = value;
}
template <class T, class V>
void set(std::optional<T>& field, V value) {
  if (!field) field = T(value);
}

// Whether the image has the tag `latest`, by name or because it has neither tag nor digest.
bool is_latest(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return false;
  const size_t slash = image.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const size_t colon = name.find(':');
  return colon == std::string_view::npos || name.substr(colon + 1) == "latest";
}

template <class C>
void container(C& c) {
  set(c.imagePullPolicy, is_latest(c.image) ? "Always" : "IfNotPresent");
  set(c.terminationMessagePath, "/dev/termination-log");
  set(c.terminationMessagePolicy, "File");
}
void container_port(ContainerPort& port) {
  set(port.protocol, "TCP");
}
void field_selector(ObjectFieldSelector& selector) {
  set(selector.apiVersion, "v1");
}

void probe(Probe& probe) {
  set(probe.timeoutSeconds, 1);
  set(probe.periodSeconds, 10);
  set(probe.successThreshold, 1);
  set(probe.failureThreshold, 3);
}
void http_get(HTTPGetAction& get) {
  set(get.path, "/");
  set(get.scheme, "HTTP");
}
void grpc(GRPCAction& action) {
  set(action.service, "");
}

// Whether any field beside the name is set: exactly the sources are boxes.
bool has_source(const Volume& volume) {
  for (const FieldInfo& field : type_of<Volume>().fields)
    if (field.type->form == Form::kBox && field.type->maybe->get(member(&volume, field)))
      return true;
  return false;
}
void volume(Volume& volume) {
  if (!has_source(volume)) volume.emptyDir.emplace();
}
template <class Source>
void file_mode(Source& source) {
  set(source.defaultMode, kFileMode);
}
void host_path(HostPathVolumeSource& source) {
  set(source.type, "");
}
void token(ServiceAccountTokenProjection& projection) {
  set(projection.expirationSeconds, kTokenSeconds);
}

void pod_spec(PodSpec& spec) {
  set(spec.dnsPolicy, "ClusterFirst");
  set(spec.restartPolicy, "Always");
  set(spec.terminationGracePeriodSeconds, 30);
  set(spec.schedulerName, "default-scheduler");
  spec.securityContext.ensure();
  // Two names of one field.
  set(spec.serviceAccountName, spec.serviceAccount);
  spec.serviceAccount = spec.serviceAccountName;
}

void pod(Pod& pod) {
  PodSpec& spec = pod.spec;
  set(spec.enableServiceLinks, true);
  for (auto* containers : {&spec.containers, &spec.initContainers}) {
    for (Container& c : *containers) {
      c.resources.requests.insert(c.resources.limits.begin(), c.resources.limits.end());
      if (spec.hostNetwork)
        for (ContainerPort& port : c.ports) set(port.hostPort, port.containerPort);
    }
  }
}

void service_port(ServicePort& port) {
  set(port.protocol, "TCP");
  const bool unset =
      port.targetPort.is_int() ? port.targetPort.number == 0 : port.targetPort.text.empty();
  if (unset) port.targetPort = port.port;
}
void load_balancer_ingress(LoadBalancerIngress& ingress) {
  if (!ingress.ip.empty()) set(ingress.ipMode, "VIP");
}
void service_spec(ServiceSpec& spec) {
  set(spec.sessionAffinity, "None");
  if (spec.sessionAffinity == "None") spec.sessionAffinityConfig.reset();
  if (spec.sessionAffinity == "ClientIP")
    set(spec.sessionAffinityConfig.ensure().clientIP.ensure().timeoutSeconds, 10800);
  set(spec.type, "ClusterIP");
  const bool reachable = spec.type != "ExternalName";
  const bool external = spec.type == "NodePort" || spec.type == "LoadBalancer" ||
                        (spec.type == "ClusterIP" && !spec.externalIPs.empty());
  if (external) set(spec.externalTrafficPolicy, "Cluster");
  if (reachable) set(spec.internalTrafficPolicy, "Cluster");
  if (spec.type == "LoadBalancer") set(spec.allocateLoadBalancerNodePorts, true);
}

void endpoint_port(EndpointPort& port) {
  set(port.protocol, "TCP");
}
void slice_port(EndpointSlicePort& port) {
  set(port.name, "");
  set(port.protocol, "TCP");
}

void policy_port(NetworkPolicyPort& port) {
  set(port.protocol, "TCP");
}
void network_policy_spec(NetworkPolicySpec& spec) {
  if (!spec.policyTypes.empty()) return;
  spec.policyTypes = {"Ingress"};
  if (!spec.egress.empty()) spec.policyTypes.emplace_back("Egress");
}

void secret(Secret& secret) {
  set(secret.type, "Opaque");
  for (const auto& [key, text] : secret.stringData) secret.data[key] = Bytes{text};
  secret.stringData.clear();  // write only
}
void name_space(Namespace& ns) {
  if (!ns.metadata.name.empty())
    ns.metadata.labels["kubernetes.io/metadata.name"] = ns.metadata.name;
  set(ns.status.phase, "Active");
}
void node(Node& node) {
  if (node.status.allocatable.empty()) node.status.allocatable = node.status.capacity;
}

void deployment_spec(DeploymentSpec& spec) {
  set(spec.replicas, 1);
  set(spec.revisionHistoryLimit, 10);
  set(spec.progressDeadlineSeconds, 600);
  set(spec.strategy.type, "RollingUpdate");
  if (spec.strategy.type != "RollingUpdate") return;
  RollingUpdateDeployment& update = spec.strategy.rollingUpdate.ensure();
  set(update.maxUnavailable, "25%");
  set(update.maxSurge, "25%");
}
void replica_set_spec(ReplicaSetSpec& spec) {
  set(spec.replicas, 1);
}
void daemon_set_spec(DaemonSetSpec& spec) {
  set(spec.revisionHistoryLimit, 10);
  set(spec.updateStrategy.type, "RollingUpdate");
  if (spec.updateStrategy.type != "RollingUpdate") return;
  RollingUpdateDaemonSet& update = spec.updateStrategy.rollingUpdate.ensure();
  set(update.maxUnavailable, 1);
  set(update.maxSurge, 0);
}
void stateful_set_spec(StatefulSetSpec& spec) {
  set(spec.replicas, 1);
  set(spec.revisionHistoryLimit, 10);
  set(spec.podManagementPolicy, "OrderedReady");
  auto& retention = spec.persistentVolumeClaimRetentionPolicy.ensure();
  set(retention.whenDeleted, "Retain");
  set(retention.whenScaled, "Retain");
  set(spec.updateStrategy.type, "RollingUpdate");
  if (spec.updateStrategy.type == "RollingUpdate")
    set(spec.updateStrategy.rollingUpdate.ensure().partition, 0);
}
void replication_controller(ReplicationController& controller) {
  ReplicationControllerSpec& spec = controller.spec;
  set(spec.replicas, 1);
  if (!spec.template_) return;
  const auto& labels = spec.template_->metadata.labels;
  if (spec.selector.empty()) spec.selector = labels;
  if (controller.metadata.labels.empty()) controller.metadata.labels = labels;
}
void claim_spec(PersistentVolumeClaimSpec& spec) {
  set(spec.volumeMode, "Filesystem");
}
void claim(PersistentVolumeClaim& claim) {
  set(claim.status.phase, "Pending");
}
void persistent_volume(PersistentVolume& pv) {
  set(pv.status.phase, "Pending");
  set(pv.spec.persistentVolumeReclaimPolicy, "Retain");
  set(pv.spec.volumeMode, "Filesystem");
}

struct Hook {
  const TypeInfo* type;
  void (*apply)(void*);
};

template <auto apply, class T>
constexpr Hook hook_of(void (*)(T&)) {
  return {&Describe<T>::type, [](void* value) { apply(*static_cast<T*>(value)); }};
}
template <auto apply>
constexpr Hook hook() {
  return hook_of<apply>(apply);
}

constexpr Hook kHooks[] = {
    hook<container<Container>>(),
    hook<container<EphemeralContainer>>(),
    hook<container_port>(),
    hook<field_selector>(),
    hook<probe>(),
    hook<http_get>(),
    hook<grpc>(),
    hook<volume>(),
    hook<file_mode<ConfigMapVolumeSource>>(),
    hook<file_mode<SecretVolumeSource>>(),
    hook<file_mode<DownwardAPIVolumeSource>>(),
    hook<file_mode<ProjectedVolumeSource>>(),
    hook<host_path>(),
    hook<token>(),
    hook<pod_spec>(),
    hook<pod>(),
    hook<service_port>(),
    hook<load_balancer_ingress>(),
    hook<service_spec>(),
    hook<endpoint_port>(),
    hook<slice_port>(),
    hook<policy_port>(),
    hook<network_policy_spec>(),
    hook<secret>(),
    hook<name_space>(),
    hook<node>(),
    hook<deployment_spec>(),
    hook<replica_set_spec>(),
    hook<daemon_set_spec>(),
    hook<stateful_set_spec>(),
    hook<replication_controller>(),
    hook<claim_spec>(),
    hook<claim>(),
    hook<persistent_volume>(),
};

void walk(const TypeInfo& type, void* value) {
  switch (type.form) {
    case Form::kStruct:
      for (const Hook& hook : kHooks)
        if (hook.type == &type) hook.apply(value);
      for (const FieldInfo& field : type.fields) walk(*field.type, member(value, field));
      return;
    case Form::kBox:
    case Form::kOptional:
      if (const void* present = type.maybe->get(value))
        walk(*type.element, const_cast<void*>(present));
      return;
    case Form::kList:
      if (type.element->form == Form::kStruct)
        for (size_t i = 0; i < type.list->size(value); ++i)
          walk(*type.element, type.list->at(value, i));
      return;
    case Form::kMap:
      // Every resource list is a map of quantities; nothing finer than a thousandth is kept in
      // them.
      if (type.element->form == Form::kQuantity)
        for_each_entry(type, value, [](const std::string&, const void* quantity) {
          static_cast<Quantity*>(const_cast<void*>(quantity))->round_up_to_milli();
        });
      return;
    default:
      return;
  }
}

}  // namespace

void set_defaults(const TypeInfo& type, void* object) {
  walk(type, object);
}

}  // namespace skiff::api
