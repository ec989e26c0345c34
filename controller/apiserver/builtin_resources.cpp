// SPDX-License-Identifier: Apache-2.0
// The table of built-in resources: every served kind of api/kind.h, and where a kind differs from
// the rule.
#include "api/objects.h"
#include "base/check.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

using Verbs = std::vector<std::string>;

const Verbs kStatusVerbs = {"get", "patch", "update"};

Subresource status() {
  return {.name = "status", .verbs = kStatusVerbs};
}
Subresource scale() {
  return {.name = "scale",
          .verbs = kStatusVerbs,
          .group = "autoscaling",
          .version = "v1",
          .kind = "Scale"};
}
Subresource stream(std::string name, std::string kind) {
  return {.name = std::move(name),
          .verbs = {"create", "get"},
          .version = "v1",
          .kind = std::move(kind)};
}

void describe_pods(Resource& resource) {
  resource.strategy = pod_strategy();
  resource.graceful_delete = true;
  resource.returns_deleted = true;
  resource.tracks_generation = true;
  resource.subresources = {
      stream("attach", "PodAttachOptions"),
      {.name = "binding", .verbs = {"create"}, .version = "v1", .kind = "Binding"},
      {.name = "eviction",
       .verbs = {"create"},
       .group = "policy",
       .version = "v1",
       .kind = "Eviction"},
      stream("exec", "PodExecOptions"),
      {.name = "log", .verbs = {"get"}},
      stream("portforward", "PodPortForwardOptions"),
      status()};
  resource.selectable_fields = {{"spec.nodeName", "spec.nodeName", ""},
                                {"spec.host", "spec.nodeName", ""},
                                {"spec.restartPolicy", "spec.restartPolicy", ""},
                                {"spec.schedulerName", "spec.schedulerName", ""},
                                {"spec.serviceAccountName", "spec.serviceAccountName", ""},
                                {"spec.hostNetwork", "spec.hostNetwork", "false"},
                                {"status.phase", "status.phase", ""},
                                {"status.podIP", "status.podIP", ""},
                                {"status.podIPs", "", ""},
                                {"status.nominatedNodeName", "status.nominatedNodeName", ""}};
}

void describe_events(Resource& resource) {
  resource.create_on_update = true;
  for (const char* field :
       {"kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"}) {
    const std::string path = std::string("involvedObject.") + field;
    resource.selectable_fields.push_back({path, path, ""});
  }
  for (const char* field : {"reason", "reportingComponent", "type"})
    resource.selectable_fields.push_back({field, field, ""});
  resource.selectable_fields.push_back({"source", "source.component", ""});
}

void describe_services(Resource& resource, const std::shared_ptr<ServiceAllocator>& allocator) {
  resource.strategy = service_strategy(allocator);
  resource.returns_deleted = true;
  resource.subresources = {status()};
  resource.selectable_fields = {{"spec.clusterIP", "spec.clusterIP", ""},
                                {"spec.type", "spec.type", ""}};
}

void describe_namespaces(Resource& resource) {
  resource.strategy = namespace_strategy();
  resource.verbs = {"create", "delete", "get", "list", "patch", "update", "watch"};
  resource.subresources = {{.name = "finalize", .verbs = {"update"}}, status()};
  resource.selectable_fields = {{"status.phase", "status.phase", ""}};
}

void describe_nodes(Resource& resource) {
  resource.strategy = node_strategy();
  resource.subresources = {status()};
  resource.keeps_status_on_create = true;
  resource.selectable_fields = {{"spec.unschedulable", "spec.unschedulable", "false"}};
}

// What differs from the rule, by kind.
void describe(Resource& resource, const std::shared_ptr<ServiceAllocator>& allocator) {
  const api::TypeInfo* type = resource.kind->type;
  const auto is = [type]<class T>(std::type_identity<T>) { return type == &api::type_of<T>(); };
  if (is(std::type_identity<api::Pod>())) {
    describe_pods(resource);
  } else if (is(std::type_identity<api::Service>())) {
    describe_services(resource, allocator);
  } else if (is(std::type_identity<api::Namespace>())) {
    describe_namespaces(resource);
  } else if (is(std::type_identity<api::Node>())) {
    describe_nodes(resource);
  } else if (is(std::type_identity<api::Event>())) {
    describe_events(resource);
  } else if (is(std::type_identity<api::Deployment>()) ||
             is(std::type_identity<api::ReplicaSet>())) {
    resource.subresources = {scale(), status()};
    resource.tracks_generation = true;
  } else if (is(std::type_identity<api::Secret>())) {
    resource.strategy = secret_strategy();
    resource.selectable_fields = {{"type", "type", ""}};
  } else if (is(std::type_identity<api::ServiceAccount>())) {
    resource.returns_deleted = true;
    resource.subresources = {{.name = "token",
                              .verbs = {"create"},
                              .group = "authentication.k8s.io",
                              .version = "v1",
                              .kind = "TokenRequest"}};
  } else if (is(std::type_identity<api::EndpointSlice>()) ||
             is(std::type_identity<api::NetworkPolicy>())) {
    resource.tracks_generation = true;
  } else if (is(std::type_identity<api::Endpoints>())) {
    resource.create_on_update = true;
  } else if (is(std::type_identity<api::Lease>())) {
    resource.create_on_update = true;
    resource.unconditional_update = false;
  } else if (resource.kind->has_status() && resource.stored) {
    resource.subresources = {status()};
    resource.tracks_generation = true;
  }
}

}  // namespace

Result<Registry> builtin_resources(const store::Store& store, const BuiltinOptions& options) {
  auto allocator = std::make_shared<ServiceAllocator>();
  for (const Cidr& range : options.service_ranges) allocator->ranges.emplace_back(range);
  CHECK(!allocator->ranges.empty());
  RETURN_IF_ERROR(allocator->restore(store), "services");
  const auto plain = std::make_shared<const Strategy>();
  Registry registry;
  for (const api::Kind& kind : api::all_kinds()) {
    if (kind.serving == api::Serving::kTypeOnly) continue;
    Resource resource{.kind = &kind, .strategy = plain};
    if (kind.serving == api::Serving::kVirtual) {
      resource.verbs = {"create"};
      resource.stored = false;
      if (auto review = review_strategy(*kind.type)) resource.strategy = std::move(review);
    }
    describe(resource, allocator);
    registry.add(std::move(resource));
  }
  return registry;
}

}  // namespace skiff::apiserver
