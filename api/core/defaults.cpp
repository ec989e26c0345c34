// SPDX-License-Identifier: Apache-2.0
#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/namespace.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/quota.h"
#include "api/core/replication_controller.h"
#include "api/core/service.h"
#include "api/core/storage.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::core {
namespace {

constexpr int32_t kFileMode = 0644;
constexpr int64_t kTokenSeconds = 3600;

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
void node_status(Node& node) {
  if (node.status.allocatable.empty()) node.status.allocatable = node.status.capacity;
}

void replication_controller(ReplicationController& controller) {
  ReplicationControllerSpec& spec = controller.spec;
  set(spec.replicas, 1);
  if (!spec.template_) return;
  const auto& labels = spec.template_->metadata.labels;
  if (spec.selector.empty()) spec.selector = labels;
  if (controller.metadata.labels.empty()) controller.metadata.labels = labels;
}
void limit_range_item(LimitRangeItem& item) {
  if (item.type != "Container") return;
  item.default_.insert(item.max.begin(), item.max.end());
  item.defaultRequest.insert(item.default_.begin(), item.default_.end());
  item.defaultRequest.insert(item.min.begin(), item.min.end());
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

constexpr DefaultHook kDefaults[] = {
    default_hook<container<Container>>(),
    default_hook<container<EphemeralContainer>>(),
    default_hook<container_port>(),
    default_hook<field_selector>(),
    default_hook<probe>(),
    default_hook<http_get>(),
    default_hook<grpc>(),
    default_hook<volume>(),
    default_hook<file_mode<ConfigMapVolumeSource>>(),
    default_hook<file_mode<SecretVolumeSource>>(),
    default_hook<file_mode<DownwardAPIVolumeSource>>(),
    default_hook<file_mode<ProjectedVolumeSource>>(),
    default_hook<host_path>(),
    default_hook<token>(),
    default_hook<pod_spec>(),
    default_hook<pod>(),
    default_hook<service_port>(),
    default_hook<load_balancer_ingress>(),
    default_hook<service_spec>(),
    default_hook<endpoint_port>(),
    default_hook<secret>(),
    default_hook<name_space>(),
    default_hook<node_status>(),
    default_hook<replication_controller>(),
    default_hook<limit_range_item>(),
    default_hook<claim_spec>(),
    default_hook<claim>(),
    default_hook<persistent_volume>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::core
