// SPDX-License-Identifier: Apache-2.0
// core: pods and what they use, Services, nodes, namespaces, events.
#include "api/authentication/types.h"
#include "api/core/component_status.h"
#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/event.h"
#include "api/core/namespace.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/pod_parts.h"
#include "api/core/quota.h"
#include "api/core/replication_controller.h"
#include "api/core/service.h"
#include "api/core/storage.h"
#include "api/policy/types.h"
#include "controller/apiserver/groups/rows.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

Resource pods() {
  Resource resource = row<api::Pod>();
  resource.strategy = pod_strategy();
  resource.graceful_delete = true;
  resource.returns_deleted = true;
  resource.tracks_generation = true;
  resource.subresources = {
      stream_part("attach", "PodAttachOptions"),
      create_part("binding", api::kind_of<api::Binding>()),
      part<api::Pod, api::with_ephemeral_containers, api::check_ephemeral_containers>(
          "ephemeralcontainers"),
      create_part("eviction", api::kind_of<api::Eviction>()),
      stream_part("exec", "PodExecOptions"),
      {.name = "log", .verbs = {"get"}},
      stream_part("portforward", "PodPortForwardOptions"),
      part<api::Pod, api::with_resources, api::check_resize>("resize"),
      status_part()};
  resource.selectable_fields = {selectable("spec.nodeName"),
                                {"spec.host", "spec.nodeName", ""},
                                selectable("spec.restartPolicy"),
                                selectable("spec.schedulerName"),
                                selectable("spec.serviceAccountName"),
                                selectable("spec.hostNetwork", "false"),
                                selectable("status.phase"),
                                selectable("status.podIP"),
                                {"status.podIPs", "", ""},
                                selectable("status.nominatedNodeName")};
  return resource;
}

Resource events() {
  Resource resource = row<api::Event>();
  resource.create_on_update = true;
  for (const char* field :
       {"kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"})
    resource.selectable_fields.push_back(selectable(std::string("involvedObject.") + field));
  for (const char* field : {"reason", "reportingComponent", "type"})
    resource.selectable_fields.push_back(selectable(field));
  resource.selectable_fields.push_back({"source", "source.component", ""});
  return resource;
}

Resource services(const Parts& parts) {
  Resource resource = row<api::Service>();
  resource.strategy = service_strategy(parts.allocator);
  resource.returns_deleted = true;
  resource.subresources = {status_part()};
  resource.selectable_fields = {selectable("spec.clusterIP"), selectable("spec.type")};
  return resource;
}

Resource namespaces() {
  Resource resource = row<api::Namespace>();
  resource.strategy = namespace_strategy();
  resource.verbs = {"create", "delete", "get", "list", "patch", "update", "watch"};
  resource.subresources = {{.name = "finalize", .verbs = {"update"}}, status_part()};
  resource.selectable_fields = {selectable("status.phase")};
  return resource;
}

Resource nodes() {
  Resource resource = row<api::Node>();
  resource.strategy = node_strategy();
  resource.subresources = {status_part()};
  resource.keeps_status_on_create = true;
  resource.selectable_fields = {selectable("spec.unschedulable", "false")};
  return resource;
}

Resource secrets() {
  Resource resource = row<api::Secret>();
  resource.strategy = secret_strategy();
  resource.selectable_fields = {selectable("type")};
  return resource;
}

Resource service_accounts() {
  Resource resource = row<api::ServiceAccount>();
  resource.returns_deleted = true;
  resource.subresources = {create_part("token", api::kind_of<api::TokenRequest>())};
  return resource;
}

Resource replication_controllers() {
  Resource resource = row<api::ReplicationController>();
  resource.subresources = {scale_part()};
  resource.selectable_fields = {selectable("status.replicas", "0")};
  return with_status(std::move(resource));
}

template <class T>
Resource with_plain_status() {
  Resource resource = row<T>();
  resource.subresources = {status_part()};
  return resource;
}

// Deprecated. Nothing of a cluster of ours is apart enough to have one: the list is empty.
Resource component_statuses() {
  Resource resource = row<api::ComponentStatus>();
  resource.verbs = {"get", "list"};
  return resource;
}

Resource endpoints() {
  Resource resource = row<api::Endpoints>();
  resource.create_on_update = true;
  return resource;
}

}  // namespace

void add_core(Registry& registry, const Parts& parts) {
  registry.add(namespaces());
  registry.add(nodes());
  registry.add(pods());
  registry.add(services(parts));
  registry.add(endpoints());
  registry.add(row<api::ConfigMap>());
  registry.add(secrets());
  registry.add(service_accounts());
  registry.add(events());
  registry.add(row<api::Binding>());
  registry.add(component_statuses());
  registry.add(row<api::LimitRange>());
  registry.add(with_plain_status<api::PersistentVolume>());
  registry.add(with_plain_status<api::PersistentVolumeClaim>());
  registry.add(row<api::PodTemplate>());
  registry.add(replication_controllers());
  registry.add(with_plain_status<api::ResourceQuota>());
}

}  // namespace skiff::apiserver
