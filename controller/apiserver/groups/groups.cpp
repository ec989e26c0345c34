// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/groups.h"

#include "base/check.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {

void add_builtin_groups(Registry& registry, const Parts& parts) {
  add_core(registry, parts);
  add_apps(registry, parts);
  add_batch(registry, parts);
  add_autoscaling(registry, parts);
  add_policy(registry, parts);
  add_networking(registry, parts);
  add_discovery(registry, parts);
  add_events(registry, parts);
  add_coordination(registry, parts);
  add_node(registry, parts);
  add_scheduling(registry, parts);
  add_rbac(registry, parts);
  add_authentication(registry, parts);
  add_authorization(registry, parts);
  add_certificates(registry, parts);
  add_storage(registry, parts);
  add_resource(registry, parts);
  add_admissionregistration(registry, parts);
  add_apiextensions(registry, parts);
  add_apiregistration(registry, parts);
  add_flowcontrol(registry, parts);
  add_metrics(registry, parts);
}

Result<Registry> builtin_resources(const store::Store& store, const BuiltinOptions& options) {
  auto allocator = std::make_shared<ServiceAllocator>();
  for (const Cidr& range : options.service_ranges) allocator->ranges.emplace_back(range);
  CHECK(!allocator->ranges.empty());
  allocator->ports = PortPool(options.node_ports);
  RETURN_IF_ERROR(allocator->restore(store), "services");
  Registry registry;
  add_builtin_groups(registry, {.allocator = std::move(allocator)});
  return registry;
}

}  // namespace skiff::apiserver
