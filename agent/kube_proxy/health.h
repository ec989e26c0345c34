// SPDX-License-Identifier: Apache-2.0
// What kube-proxy's health address says. Pure.
#pragma once

#include <optional>
#include <string>

#include "api/core/node.h"
#include "base/clock.h"

namespace skiff::kube_proxy {

struct Health {
  bool synced = false;                    // every Service was seen once
  std::optional<TimePoint> behind_since;  // changes that are not in the maps yet; nothing: none
  TimePoint started;
  TimePoint last_updated;     // when the maps last had everything
  bool node_eligible = true;  // load balancers may send here
};

// Programming is late when a change has waited for a minute: kube-proxy's two sync periods.
bool is_healthy(const Health& health, TimePoint now);

// Not while it is being deleted, nor while the autoscaler is about to remove it (KEP-3836).
bool is_eligible(const api::Node& node);

struct HealthAnswer {
  int status = 200;
  std::string body;
};
// `/healthz`: 503 if late or if the node is about to go, which drains load balancers.
HealthAnswer healthz(const Health& health, TimePoint now);
// `/livez`: 503 only if late: a node about to go needs no restarted proxy.
HealthAnswer livez(const Health& health, TimePoint now);

}  // namespace skiff::kube_proxy
