// SPDX-License-Identifier: Apache-2.0
// From a Service and its endpoint slices to what the datapath shall hold for it on this node. Pure.
// Rules: Kubernetes' virtual IPs and traffic policies, terminating endpoints as a last resort
// (KEP-1669).
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/core/service.h"
#include "api/discovery.h"
#include "base/ip.h"

namespace skiff::proxy {

struct Backend {
  IpAddress address;
  uint16_t port = 0;  // host order

  auto operator<=>(const Backend&) const = default;
};

enum class Scope : uint8_t { kInternal, kExternal };

// Where clients find a service. NodePorts have the unspecified address of their family.
struct FrontendKey {
  IpAddress address;
  uint16_t port = 0;     // host order
  uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP
  Scope scope = Scope::kInternal;

  auto operator<=>(const FrontendKey&) const = default;
};

struct Frontend {
  FrontendKey key;
  std::string service;            // namespace/name:port, for people
  std::vector<Backend> backends;  // sorted, without repeats; empty: refuse (or drop, below)
  uint32_t affinity_seconds = 0;  // 0: none
  bool two_scopes = false;        // an entry of scope kExternal exists beside this one
  bool drop_empty = false;        // endpoints exist, but none that the traffic policy allows here
  bool node_port = false;
  bool external = false;  // external or load balancer address

  bool operator==(const Frontend&) const = default;
};

using SlicePtr = std::shared_ptr<const api::EndpointSlice>;

// The frontends of `service` as seen from `node`, in order of their keys. Headless and ExternalName
// services, and those that name another proxy (label service.kubernetes.io/service-proxy-name),
// have none.
std::vector<Frontend> plan_service(const api::Service& service, std::span<const SlicePtr> slices,
                                   const std::string& node);

}  // namespace skiff::proxy
