// SPDX-License-Identifier: Apache-2.0
// Maglev hashing (Eisenbud et al., NSDI 2016) with weights: which backend serves which hash of a
// client. Pure, and equal on all nodes that know the same backends, so a client may come in by
// another node and stay with its backend; when one backend leaves, few of the others' clients move.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/datapath/abi.h"

namespace skiff::datapath {

struct MaglevBackend {
  IpAddress address;
  uint16_t port = 0;    // host order
  uint32_t weight = 1;  // relative to the others'; 0 takes part in nothing
};

// Entries of a table for so many backends: a prime at least a hundred times as many, so that the
// most loaded serves at most a percent more than its share, and so large that the lightest has ten
// entries; 65537 at most.
uint32_t maglev_table_size(std::span<const MaglevBackend> backends);
uint32_t maglev_table_size(size_t equal_backends);

// For each entry the offset of its backend in `backends`, which must be in the order of the
// frontend's range. Empty if nobody has weight, or there are more than 65535.
std::vector<uint16_t> maglev_table(std::span<const MaglevBackend> backends, uint32_t size);

// The table as `maglev` holds it; the last block is filled up with zeros.
std::vector<MaglevBlock> maglev_blocks(std::span<const uint16_t> table);

}  // namespace skiff::datapath
