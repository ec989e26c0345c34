// SPDX-License-Identifier: Apache-2.0
// The default profile: kube-scheduler's order and weights.
#include "controller/scheduler/framework.h"
#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {

Profile default_profile() {
  const auto taints = taint_toleration();
  const auto affinity = node_affinity();
  const auto fit = node_resources_fit();
  const auto spread = pod_topology_spread();
  return {
      .pre_enqueue = {scheduling_gates()},
      .queue_sort = priority_sort(),
      .filters = {node_unschedulable(), node_name(), taints, affinity, node_ports(), fit, spread},
      .post_filters = {default_preemption()},
      .scores = {{taints, 3},
                 {affinity, 2},
                 {fit, 1},
                 {spread, 2},
                 {balanced_allocation(), 1},
                 {image_locality(), 1}},
  };
}

}  // namespace skiff::scheduler
