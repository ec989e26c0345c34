// SPDX-License-Identifier: Apache-2.0
// The plugins by name; each is a file of its own beside this one.
#pragma once

#include <memory>

#include "controller/scheduler/framework.h"
#include "kube/client.h"

namespace skiff::scheduler {

std::shared_ptr<const QueueSortPlugin> priority_sort();
std::shared_ptr<const PreEnqueuePlugin> scheduling_gates();
std::shared_ptr<const FilterPlugin> node_unschedulable();
std::shared_ptr<const FilterPlugin> node_name();
std::shared_ptr<const FilterPlugin> node_ports();
std::shared_ptr<const PostFilterPlugin> default_preemption();
std::shared_ptr<const ScorePlugin> balanced_allocation();
std::shared_ptr<const ScorePlugin> image_locality();

// Plugins with a part in both filtering and scoring.
class FilterAndScore : public FilterPlugin, public ScorePlugin {};
std::shared_ptr<const FilterAndScore> taint_toleration();
std::shared_ptr<const FilterAndScore> node_affinity();
std::shared_ptr<const FilterAndScore> node_resources_fit();
std::shared_ptr<const FilterAndScore> pod_topology_spread();

// `cache` must outlive it.
std::shared_ptr<ReservePlugin> node_cache(Cache& cache);
std::shared_ptr<BindPlugin> default_binder(kube::Client client);

}  // namespace skiff::scheduler
