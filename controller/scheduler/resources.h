// SPDX-License-Identifier: Apache-2.0
// Amounts of node resources, as the scheduler counts them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "api/core/pod.h"

namespace skiff::scheduler {

struct Resources {
  int64_t millicpu = 0;
  int64_t memory_bytes = 0;
  int64_t ephemeral_storage_bytes = 0;
  std::map<std::string, int64_t> extended;  // example.com/gpu, hugepages-2Mi, …

  Resources& operator+=(const Resources& other);
  Resources& operator-=(const Resources& other);
  bool operator==(const Resources&) const = default;
};

using QuantityMap = std::map<std::string, api::Quantity>;

// CPU in thousandths, all else in whole units. `pods` is left out: it is counted, not requested.
Resources resources_of(const QuantityMap& amounts);

// What a pod asks for: the larger of its main containers together (with its sidecars) and of its
// init phase at its greediest (an init container runs beside the sidecars started before it), plus
// overhead (KEP-753).
Resources requests_of(const api::PodSpec& spec);

// The same, with 100m and 200 MiB for a container that names no CPU or memory: only for scoring, so
// that pods without requests do not all look free (kube-scheduler's GetNonzeroRequests).
Resources scoring_requests_of(const api::PodSpec& spec);

}  // namespace skiff::scheduler
