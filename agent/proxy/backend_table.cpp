// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/backend_table.h"

#include <algorithm>
#include <numeric>

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

// A program that read a frontend entry uses the range within microseconds; a second is generous.
constexpr auto kQuarantine = 1s;

bool equal_bytes(const datapath::Backend* a, const BackendList& b) {
  return b.empty() || std::memcmp(a, b.data(), b.size() * sizeof(b[0])) == 0;
}

// By address and port alone.
struct PlaceLess {
  bool operator()(const datapath::Backend& a, const datapath::Backend& b) const {
    return std::memcmp(&a, &b, offsetof(datapath::Backend, flags)) < 0;
  }
};

BackendList sorted(const RangePtr& range) {
  BackendList list;
  if (!range) return list;
  const auto middle = range->backends.begin() + range->serving;
  std::merge(range->backends.begin(), middle, middle, range->backends.end(),
             std::back_inserter(list), PlaceLess());
  return list;
}

}  // namespace

BackendList to_abi(const std::vector<Backend>& backends, uint16_t flags) {
  BackendList list(backends.size());
  for (size_t i = 0; i < backends.size(); ++i) {
    list[i].address = datapath::to_abi(backends[i].address);
    list[i].port = datapath::port_be(backends[i].port);
    list[i].flags = flags | (backends[i].leaving ? SKIFF_BACKEND_LEAVING : 0);
    list[i].weight = backends[i].weight;
  }
  std::sort(list.begin(), list.end(), datapath::BytesLess());
  return list;
}

bool BackendRange::equals(const BackendList& other_serving,
                          const BackendList& other_draining) const {
  return serving == other_serving.size() && draining() == other_draining.size() &&
         equal_bytes(backends.data(), other_serving) &&
         equal_bytes(backends.data() + serving, other_draining);
}

bool BackendRange::keeps(const datapath::Backend& backend, bool connections) const {
  const auto middle = backends.begin() + serving;
  if (std::binary_search(backends.begin(), middle, backend, PlaceLess())) return true;
  const auto it = std::lower_bound(middle, backends.end(), backend, PlaceLess());
  return it != backends.end() && !PlaceLess()(backend, *it) &&
         (connections || (it->flags & SKIFF_BACKEND_UNREADY) == 0);
}

bool lost_one(const RangePtr& before, const RangePtr& after) {
  const BackendList old = sorted(before);
  const BackendList now = sorted(after);
  auto it = now.begin();
  for (const datapath::Backend& backend : old) {
    it = std::lower_bound(it, now.end(), backend, PlaceLess());
    if (it == now.end() || PlaceLess()(backend, *it)) return true;
    const uint16_t lost = it->flags & ~backend.flags;
    if ((lost & SKIFF_BACKEND_UNREADY) != 0) return true;  // its datagrams look again
  }
  return false;
}

BackendList departed(const RangePtr& before, const RangePtr& after) {
  const BackendList old = sorted(before);
  const BackendList now = sorted(after);
  BackendList gone;
  std::set_difference(old.begin(), old.end(), now.begin(), now.end(), std::back_inserter(gone),
                      PlaceLess());
  return gone;
}

BackendTable::BackendTable(datapath::Maps& maps, const Clock& clock)
    : maps_(maps), clock_(clock), ranges_(maps.backends->capacity(), kQuarantine) {}

Result<RangePtr> BackendTable::write(BackendList serving, const BackendList& draining) {
  BackendRange range{
      .base = 0, .serving = static_cast<uint32_t>(serving.size()), .backends = std::move(serving)};
  range.backends.insert(range.backends.end(), draining.begin(), draining.end());
  const auto count = static_cast<uint32_t>(range.backends.size());
  if (count == 0) return RangePtr();
  ranges_.extend(maps_.backends->capacity());
  Result<uint32_t> base = ranges_.allocate(count, clock_.now());
  if (!base.ok()) maps_.backends->note_refused();  // so that the map is made larger
  RETURN_IF_ERROR(base.status(), "backends map");
  range.base = *base;
  RangePtr owned = own(std::move(range));
  std::vector<uint32_t> slots(count);
  std::iota(slots.begin(), slots.end(), owned->base);
  RETURN_IF_ERROR(maps_.backends->put_batch(slots, owned->backends), "write backends");
  return owned;
}

Result<RangePtr> BackendTable::restore(uint32_t base, uint32_t serving, uint32_t draining) {
  if (serving + draining == 0) return RangePtr();
  if (const auto it = restored_.find(base); it != restored_.end()) {
    if (it->second->serving == serving && it->second->draining() == draining) return it->second;
    return data_loss("backends from slot {} belong to ranges of different length", base);
  }
  RETURN_IF_ERROR(ranges_.reserve(base, serving + draining));
  BackendRange range{.base = base, .serving = serving, .backends = {}};
  for (uint32_t i = 0; i < serving + draining; ++i) {
    ASSIGN_OR_RETURN(const auto backend, maps_.backends->get(base + i), "read backends");
    range.backends.push_back(backend.value_or(datapath::Backend{}));
  }
  return restored_[base] = own(std::move(range));
}

RangePtr BackendTable::own(BackendRange range) {
  note_used();
  return {new BackendRange(std::move(range)), [this](const BackendRange* done) {
            ranges_.release(done->base, static_cast<uint32_t>(done->backends.size()), clock_.now());
            note_used();
            delete done;
          }};
}

void BackendTable::note_used() {
  maps_.backends->note_used(ranges_.used_entries());
}

}  // namespace skiff::proxy
