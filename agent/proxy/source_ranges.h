// SPDX-License-Identifier: Apache-2.0
// The clients that restricted Services let in (loadBalancerSourceRanges), as the map has them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "agent/datapath/maps.h"
#include "base/ip.h"

namespace skiff::proxy {

class SourceRanges {
 public:
  // `maps` must outlive it.
  explicit SourceRanges(datapath::Maps& maps) : maps_(maps) {}

  // Reads what an earlier agent wrote.
  Status restore();
  // Adds what is missing: before the frontends that ask for it. What fits is written.
  Status allow(uint32_t service_id, const std::set<Cidr>& ranges);
  // Removes the others: after the frontends.
  Status keep_only(uint32_t service_id, const std::set<Cidr>& ranges);
  // Removes those of Services that are not in `alive`.
  Status prune(const std::set<uint32_t>& alive);

 private:
  datapath::Maps& maps_;
  std::map<uint32_t, std::map<Cidr, uint32_t>> present_;  // id -> range -> let in
};

}  // namespace skiff::proxy
