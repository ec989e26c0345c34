// SPDX-License-Identifier: Apache-2.0
// The rows of the built-in resources, one function and one file (groups/) an API group.
#pragma once

#include <memory>

#include "controller/apiserver/resource.h"
#include "controller/apiserver/service_allocator.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

// What rows and their strategies are made from.
struct Parts {
  std::shared_ptr<ServiceAllocator> allocator;  // cluster IPs and node ports
};

void add_core(Registry& registry, const Parts& parts);
void add_apps(Registry& registry, const Parts& parts);
void add_batch(Registry& registry, const Parts& parts);
void add_autoscaling(Registry& registry, const Parts& parts);
void add_policy(Registry& registry, const Parts& parts);
void add_networking(Registry& registry, const Parts& parts);
void add_discovery(Registry& registry, const Parts& parts);
void add_events(Registry& registry, const Parts& parts);
void add_coordination(Registry& registry, const Parts& parts);
void add_node(Registry& registry, const Parts& parts);
void add_scheduling(Registry& registry, const Parts& parts);
void add_rbac(Registry& registry, const Parts& parts);
void add_authentication(Registry& registry, const Parts& parts);
void add_authorization(Registry& registry, const Parts& parts);
void add_certificates(Registry& registry, const Parts& parts);
void add_storage(Registry& registry, const Parts& parts);
void add_resource(Registry& registry, const Parts& parts);
void add_admissionregistration(Registry& registry, const Parts& parts);
void add_apiextensions(Registry& registry, const Parts& parts);
void add_apiregistration(Registry& registry, const Parts& parts);
void add_flowcontrol(Registry& registry, const Parts& parts);
void add_metrics(Registry& registry, const Parts& parts);

// All of them.
void add_builtin_groups(Registry& registry, const Parts& parts);

}  // namespace skiff::apiserver
