// SPDX-License-Identifier: Apache-2.0
// From a Service and its endpoint slices to what the datapath shall hold for it on this node. Pure.
// Rules: Kubernetes' virtual IPs and traffic policies (kube-proxy's, where Kubernetes is silent).
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/proxy/endpoint_choice.h"
#include "api/core/service.h"
#include "base/ip.h"

namespace skiff::proxy {

enum class Scope : uint8_t { kInternal, kExternal };

// Where clients find a service. NodePorts have the unspecified address of their family.
struct FrontendKey {
  IpAddress address;
  uint16_t port = 0;     // host order
  uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP
  Scope scope = Scope::kInternal;

  auto operator<=>(const FrontendKey&) const = default;
};

struct Frontend {
  FrontendKey key;
  std::string service;            // namespace/name:port, for people
  std::vector<Backend> backends;  // sorted, without repeats; empty: refuse (or drop, below)
  std::vector<Backend> draining;  // keep their flows; none of them in `backends`
  std::vector<Backend> unready;   // keep their connections; in neither of the others
  uint32_t affinity_seconds = 0;  // 0: none
  bool two_scopes = false;        // an entry of scope kExternal exists beside this one
  bool drop_empty = false;        // endpoints exist, but none that the traffic policy allows here
  bool node_port = false;
  bool external = false;  // external or load balancer address
  bool host_port = false;
  bool keeps_to_node = false;       // why these: a traffic policy or hints
  bool maglev = false;              // clients outside are spread by their hash, alike on all nodes
  bool direct_answers = false;      // clients outside are answered by their backend's node
  bool wildcard = false;            // key without port and protocol: its other ports are refused
  bool restricted = false;          // only clients in `source_ranges`
  std::vector<Cidr> source_ranges;  // sorted, of the address's family

  bool operator==(const Frontend&) const = default;
};

struct ServicePlan {
  std::vector<Frontend> frontends;                 // in order of their keys
  std::vector<std::string> refused;                // what was asked for and is not heeded, and why
  std::vector<IpAddress> load_balancer_addresses;  // belong to this Service, whatever the port
  uint16_t health_port = 0;                        // serves `local_ready` over HTTP; 0: none
  int local_ready = 0;
  // Traffic policy Local has clients here, and nobody to serve them.
  bool no_local_internal = false;
  bool no_local_external = false;
};

// IPPROTO_* of "TCP", "UDP", "SCTP"; empty is TCP.
std::optional<uint8_t> protocol_number(std::string_view name);

// `service` as seen from `from`. Headless and ExternalName services, and those that name another
// proxy (label service.kubernetes.io/service-proxy-name), have no frontends.
ServicePlan plan_service(const api::Service& service, std::span<const SlicePtr> slices,
                         const Viewpoint& from);

// The entries that say that `addresses` belong to Services.
std::vector<Frontend> wildcard_frontends(const std::set<IpAddress>& addresses);

}  // namespace skiff::proxy
