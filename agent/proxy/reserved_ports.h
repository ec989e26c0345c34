// SPDX-License-Identifier: Apache-2.0
// Ports that masquerading must never choose as a source: NodePorts, HostPorts and those that
// processes hold, counted here, a bitmap in the datapath.
#pragma once

#include <cstdint>
#include <map>

#include "agent/datapath/maps.h"

namespace skiff::proxy {

class ReservedPorts {
 public:
  // `maps` must outlive it.
  explicit ReservedPorts(datapath::Maps& maps) : maps_(maps) {}

  Status take(uint16_t port);
  Status give_back(uint16_t port);
  // Clears what an earlier agent reserved and nobody here does.
  Status forget_others();

 private:
  Status write(uint16_t port);
  uint64_t bits_of(uint32_t word) const;

  datapath::Maps& maps_;
  std::map<uint16_t, int> users_;
};

}  // namespace skiff::proxy
