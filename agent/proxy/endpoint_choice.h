// SPDX-License-Identifier: Apache-2.0
// Which endpoints of a Service serve the clients of a node. Pure. Rules: Kubernetes' traffic
// policies, terminating endpoints as a last resort (KEP-1669), hints by node and zone (KEP-2433,
// KEP-3015).
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "api/core/service.h"
#include "api/discovery.h"
#include "base/ip.h"

namespace skiff::proxy {

using SlicePtr = std::shared_ptr<const api::EndpointSlice>;

// Where a plan is made for.
struct Viewpoint {
  std::string node;
  std::string zone;                    // label topology.kubernetes.io/zone of the node; empty: none
  std::set<IpAddress> node_addresses;  // of all nodes of the cluster
};

struct Backend {
  IpAddress address;
  uint16_t port = 0;  // host order

  auto operator<=>(const Backend&) const = default;
};

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
};

// All lists sorted, each backend once, and in one list only. Together they are every endpoint there
// is.
struct Choice {
  std::vector<Backend> serving;   // share the new clients
  std::vector<Backend> draining;  // answer: keep the clients they have
  std::vector<Backend> unready;   // keep the connections they have, datagrams go elsewhere
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

// Ready endpoints on this node: what a health-check node port tells. One of two families counts
// once.
int count_local_ready(std::span<const SlicePtr> slices, const Viewpoint& from);

}  // namespace skiff::proxy
