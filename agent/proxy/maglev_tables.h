// SPDX-License-Identifier: Apache-2.0
// Maglev tables in the datapath: one a range of backends, shared by the frontends that use it,
// given back when the last of them lets go.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "agent/datapath/maps.h"
#include "agent/proxy/backend_table.h"
#include "agent/proxy/range_allocator.h"
#include "base/clock.h"

namespace skiff::proxy {

struct MaglevTable {
  uint32_t base = 0;  // first block
  uint32_t size = 0;  // entries
  RangePtr range;     // null: restored
};
using MaglevPtr = std::shared_ptr<const MaglevTable>;

class MaglevTables {
 public:
  // Must outlive its tables.
  MaglevTables(datapath::Maps& maps, const Clock& clock);

  // Over those of `range` that serve; written if it is not there. RESOURCE_EXHAUSTED without room.
  Result<MaglevPtr> table_of(const RangePtr& range);
  // What an earlier agent wrote; the same blocks again give the same pointer. Null for none.
  Result<MaglevPtr> restore(uint32_t base, uint32_t size);
  void forget_restored() { restored_.clear(); }

 private:
  MaglevPtr own(MaglevTable table);
  void note_used();

  datapath::Maps& maps_;
  const Clock& clock_;
  RangeAllocator blocks_;
  std::map<const BackendRange*, std::weak_ptr<const MaglevTable>> by_range_;
  std::map<uint32_t, MaglevPtr> restored_;
};

}  // namespace skiff::proxy
