// SPDX-License-Identifier: Apache-2.0
// From a Service and the pods it selects to addresses and ports: what endpoint slices and the older
// Endpoints share.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"

namespace skiff::controllers {

using NodeLookup = std::function<std::shared_ptr<const api::Node>(const std::string&)>;

// Ports as one group of pods has them: a named target port may be another number in other pods.
using PortSet = std::vector<api::EndpointSlicePort>;

struct EndpointGroup {
  PortSet ports;
  std::string weight;                    // as the pods' annotation says it; empty: none
  std::vector<api::Endpoint> endpoints;  // in order of pod names
};

// The endpoints of `service` in one address family ("IPv4", "IPv6"), grouped by their ports and
// weight. Pods without an address of the family, ended pods and pods that the selector leaves out
// do not count.
std::vector<EndpointGroup> endpoints_of(const api::Service& service,
                                        std::span<const std::shared_ptr<const api::Pod>> pods,
                                        const std::string& family, const NodeLookup& node_of);

// The families a service has endpoints for: spec.ipFamilies; headless services without families are
// IPv4.
std::vector<std::string> families_of(const api::Service& service);

bool selects(const api::Service& service, const api::Pod& pod);

// The zone that a node's label names.
std::optional<std::string> node_zone(const api::Node& node);

}  // namespace skiff::controllers
