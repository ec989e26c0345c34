// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/maglev_tables.h"

#include <numeric>

#include "agent/datapath/maglev.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuarantine = 1s;  // as for ranges (backend_table.cpp)

uint32_t blocks_of(uint32_t entries) {
  return (entries + SKIFF_MAGLEV_BLOCK - 1) / SKIFF_MAGLEV_BLOCK;
}

}  // namespace

MaglevTables::MaglevTables(datapath::Maps& maps, const Clock& clock)
    : maps_(maps), clock_(clock), blocks_(maps.maglev->capacity(), kQuarantine) {}

Result<MaglevPtr> MaglevTables::table_of(const RangePtr& range) {
  if (const auto it = by_range_.find(range.get()); it != by_range_.end())
    if (MaglevPtr present = it->second.lock()) return present;
  std::vector<datapath::MaglevBackend> backends(range->serving);
  for (uint32_t i = 0; i < range->serving; ++i)
    backends[i] = {.address = datapath::from_abi(range->backends[i].address),
                   .port = datapath::port_of(range->backends[i].port),
                   .weight = range->is_weighted() ? range->backends[i].weight : 1};
  const uint32_t size = datapath::maglev_table_size(backends);
  const std::vector<uint16_t> entries = datapath::maglev_table(backends, size);
  if (entries.empty()) return resource_exhausted("{} endpoints are too many", backends.size());
  const auto blocks = datapath::maglev_blocks(entries);
  blocks_.extend(maps_.maglev->capacity());
  const auto base = blocks_.allocate(static_cast<uint32_t>(blocks.size()), clock_.now());
  if (!base.ok()) maps_.maglev->note_refused();  // so that the map is made larger
  RETURN_IF_ERROR(base.status());
  MaglevPtr table = own({.base = *base, .size = size, .range = range});
  std::vector<uint32_t> slots(blocks.size());
  std::iota(slots.begin(), slots.end(), *base);
  RETURN_IF_ERROR(maps_.maglev->put_batch(slots, blocks), "write");
  by_range_[range.get()] = table;
  return table;
}

Result<MaglevPtr> MaglevTables::restore(uint32_t base, uint32_t size) {
  if (size == 0) return MaglevPtr();
  if (const auto it = restored_.find(base); it != restored_.end()) {
    if (it->second->size == size) return it->second;
    return data_loss("Maglev blocks from {} belong to tables of different size", base);
  }
  RETURN_IF_ERROR(blocks_.reserve(base, blocks_of(size)));
  return restored_[base] = own({.base = base, .size = size, .range = nullptr});
}

MaglevPtr MaglevTables::own(MaglevTable table) {
  note_used();
  return {new MaglevTable(std::move(table)), [this](const MaglevTable* done) {
            blocks_.release(done->base, blocks_of(done->size), clock_.now());
            if (done->range) by_range_.erase(done->range.get());
            note_used();
            delete done;
          }};
}

void MaglevTables::note_used() {
  maps_.maglev->note_used(blocks_.used_entries());
}

}  // namespace skiff::proxy
