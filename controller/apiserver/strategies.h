// SPDX-License-Identifier: Apache-2.0
// The strategies of the built-in kinds, and the table of resources made from them.
#pragma once

#include <memory>

#include "base/port_range.h"
#include "controller/apiserver/resource.h"
#include "controller/apiserver/service_allocator.h"
#include "controller/apiserver/strategy.h"

namespace skiff::apiserver {

std::shared_ptr<const Strategy> pod_strategy();
std::shared_ptr<const Strategy> service_strategy(std::shared_ptr<ServiceAllocator> allocator);
std::shared_ptr<const Strategy> namespace_strategy();
std::shared_ptr<const Strategy> secret_strategy();
std::shared_ptr<const Strategy> node_strategy();
std::shared_ptr<const Strategy> job_strategy();
std::shared_ptr<const Strategy> certificate_strategy();

// The strategy that answers reviews of `type` (who is it, may they), or null.
std::shared_ptr<const Strategy> review_strategy(const api::TypeInfo& type);

struct BuiltinOptions {
  std::vector<Cidr> service_ranges;  // the default family first
  PortRange node_ports = kNodePorts;
};
// Every kind of api/kind.h that is served. Reads the Services of `store` to know what is taken.
Result<Registry> builtin_resources(const store::Store& store, const BuiltinOptions& options);

}  // namespace skiff::apiserver
