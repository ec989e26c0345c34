// SPDX-License-Identifier: Apache-2.0
// Which endpoints of a Service serve the clients of a node. Pure. Rules: Kubernetes' traffic
// policies, terminating endpoints as a last resort (KEP-1669), hints by node and zone (KEP-2433,
// KEP-3015).
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"
#include "base/ip.h"
#include "base/port_range.h"
#include "kube/endpoint_weight.h"

namespace skiff::proxy {

using SlicePtr = std::shared_ptr<const api::EndpointSlice>;

// Where a plan is made for.
struct Viewpoint {
  std::string node;
  std::string zone;                    // label topology.kubernetes.io/zone of the node; empty: none
  std::set<IpAddress> node_addresses;  // of all nodes of the cluster
  // Of the cluster: no other frontend may take one at a node's address.
  PortRange node_ports = kNodePorts;
  // The nodes of pods answer clients outside themselves, where the overlay leads there (ADR 0041).
  bool direct_answers = false;
  // Nodes that are there and Ready; nothing: not known yet.
  std::optional<std::set<std::string>> live_nodes = {};
};

struct Backend {
  IpAddress address;
  uint16_t port = 0;  // host order
  // Its pod ends, or its node is lost: once it is no endpoint any more, nobody is there.
  bool leaving = false;
  uint32_t weight = 0;  // share of the new clients; 0 in all of a list: equal

  auto operator<=>(const Backend&) const = default;
};

// The same address and port, whatever else is known of them.
inline bool same_place(const Backend& a, const Backend& b) {
  return a.address == b.address && a.port == b.port;
}

// One endpoint of one Service port, as its slice describes it.
struct Candidate {
  Backend backend;
  bool ready = false;
  bool serving = false;  // answers, ready or not
  bool terminating = false;
  bool local = false;        // on this node
  bool hints_nodes = false;  // says which nodes shall use it
  bool hints_zones = false;
  bool for_node = false;  // and this one is among them
  bool for_zone = false;
  uint32_t weight = kube::kDefaultWeight;

  bool takes_clients() const { return ready && weight > 0; }
};

// All lists sorted, each backend once, and in one list only. Together they are every endpoint there
// is.
struct Choice {
  std::vector<Backend> serving;   // share the new clients
  std::vector<Backend> draining;  // answer: keep the clients they have
  std::vector<Backend> unready;   // keep the connections they have, datagrams go elsewhere
  bool keeps_to_node = false;     // a traffic policy or hints leave this node's endpoints only
};

struct EndpointChoices {
  Choice cluster;    // traffic policy Cluster
  Choice local;      // traffic policy Local: this node's
  bool any = false;  // somebody serves, here or elsewhere
};

// The candidates for `port` in one address family. Addresses no Service may send to (loopback,
// link-local: CVE-2021-25737) are left out.
std::vector<Candidate> candidates_of(const api::ServicePort& port, bool v4,
                                     std::span<const SlicePtr> slices, const Viewpoint& from);

EndpointChoices choose_endpoints(std::span<const Candidate> candidates);

// The weight of the endpoints of `slice` (kube/endpoint_weight.h); INVALID_ARGUMENT if its
// annotation says none.
Result<uint32_t> weight_of(const api::EndpointSlice& slice);

// Ready endpoints on this node: what a health-check node port tells. One of two families counts
// once.
int count_local_ready(std::span<const SlicePtr> slices, const Viewpoint& from);

}  // namespace skiff::proxy
