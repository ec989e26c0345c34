// SPDX-License-Identifier: Apache-2.0
// The backends map as ranges: written once, shared by every frontend with the same endpoints, given
// back when the last of them lets go.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agent/datapath/maps.h"
#include "agent/proxy/endpoint_choice.h"
#include "agent/proxy/range_allocator.h"
#include "base/clock.h"

namespace skiff::proxy {

using BackendList = std::vector<datapath::Backend>;

// In the order in which the programs search.
BackendList to_abi(const std::vector<Backend>& backends, uint16_t flags = 0);

// Some slots of the map. Immutable: a change is another range.
struct BackendRange {
  uint32_t base = 0;
  uint32_t serving = 0;  // the first ones; those after them drain. Each part sorted
  BackendList backends;

  // Some of those that serve get more new clients than others.
  bool is_weighted() const { return serving > 0 && backends.front().weight != 0; }
  uint32_t draining() const { return static_cast<uint32_t>(backends.size()) - serving; }
  bool equals(const BackendList& other_serving, const BackendList& other_draining) const;
  // May its clients stay with it? One that is not ready keeps connections, no datagrams.
  bool keeps(const datapath::Backend& backend, bool connections) const;
};
using RangePtr = std::shared_ptr<const BackendRange>;

// Whether some backend of `before` keeps less in `after` than it had. Null: no backends.
bool lost_one(const RangePtr& before, const RangePtr& after);
// The backends of `before` that `after` has not at all, as `before` had them.
BackendList departed(const RangePtr& before, const RangePtr& after);

class BackendTable {
 public:
  // Must outlive its ranges.
  BackendTable(datapath::Maps& maps, const Clock& clock);

  // Null for none. RESOURCE_EXHAUSTED if there is no room in one piece.
  Result<RangePtr> write(BackendList serving, const BackendList& draining);
  // What an earlier agent wrote; the same range again gives the same pointer.
  Result<RangePtr> restore(uint32_t base, uint32_t serving, uint32_t draining);
  // After the last restore(): ranges live by their users alone.
  void forget_restored() { restored_.clear(); }

  uint32_t capacity() const { return maps_.backends->capacity(); }
  uint32_t free_slots() const { return ranges_.free_entries(); }

 private:
  RangePtr own(BackendRange range);
  void note_used();

  datapath::Maps& maps_;
  const Clock& clock_;
  RangeAllocator ranges_;
  std::map<uint32_t, RangePtr> restored_;
};

}  // namespace skiff::proxy
