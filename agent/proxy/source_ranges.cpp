// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/source_ranges.h"

namespace skiff::proxy {
namespace {

constexpr uint32_t kServiceBits = 32;
constexpr uint32_t kMappedBits = 96;  // before an IPv4 address in its 16 bytes

datapath::SourceRangeKey key_of(uint32_t service_id, const Cidr& range) {
  return {.prefix_bits = kServiceBits + range.mapped_prefix(),
          .service_id = service_id,
          .address = datapath::to_abi(range.base())};
}

// Every IPv4 address lies in it: what an IPv6 range covers without meaning it.
const Cidr& all_v4() {
  static const Cidr range(IpAddress::v4(0), 0);
  return range;
}

bool swallows_v4(const Cidr& range) {
  return !range.is_v4() && range.contains(IpAddress::v4(0));
}

// What the map shall have for them: range → let in.
std::map<Cidr, uint32_t> entries_of(const std::set<Cidr>& ranges) {
  std::map<Cidr, uint32_t> entries;
  for (const Cidr& range : ranges) {
    if (swallows_v4(range)) entries.try_emplace(all_v4(), 0);
    entries[range] = 1;
  }
  return entries;
}

Cidr range_of(const datapath::SourceRangeKey& key) {
  const IpAddress base = datapath::from_abi(key.address);
  const uint32_t bits = key.prefix_bits - kServiceBits;
  return Cidr(base, static_cast<uint8_t>(base.is_v4() ? bits - kMappedBits : bits));
}

}  // namespace

Status SourceRanges::restore() {
  return maps_.source_ranges->for_each([&](const datapath::SourceRangeKey& key, uint32_t let_in) {
    present_[key.service_id][range_of(key)] = let_in;
  });
}

Status SourceRanges::allow(uint32_t service_id, const std::set<Cidr>& ranges) {
  if (ranges.empty()) return absl::OkStatus();
  std::map<Cidr, uint32_t>& present = present_[service_id];
  const std::map<Cidr, uint32_t> wanted = entries_of(ranges);
  // Backwards: what keeps IPv4 out comes before the wide IPv6 range that would let it in.
  for (auto entry = wanted.rbegin(); entry != wanted.rend(); ++entry) {
    const auto& [range, let_in] = *entry;
    const auto it = present.find(range);
    if (it != present.end() && it->second == let_in) continue;
    RETURN_IF_ERROR(maps_.source_ranges->put(key_of(service_id, range), let_in), "source range {}",
                    range.to_string());
    present[range] = let_in;
  }
  return absl::OkStatus();
}

Status SourceRanges::keep_only(uint32_t service_id, const std::set<Cidr>& ranges) {
  const auto it = present_.find(service_id);
  if (it == present_.end()) return absl::OkStatus();
  const std::map<Cidr, uint32_t> wanted = entries_of(ranges);
  const std::map<Cidr, uint32_t> present = it->second;
  for (const auto& [range, let_in] : present) {
    if (wanted.contains(range)) continue;
    RETURN_IF_ERROR(maps_.source_ranges->erase(key_of(service_id, range)), "source range {}",
                    range.to_string());
    it->second.erase(range);
  }
  if (it->second.empty()) present_.erase(it);
  return absl::OkStatus();
}

Status SourceRanges::prune(const std::set<uint32_t>& alive) {
  std::vector<uint32_t> gone;
  for (const auto& [service_id, ranges] : present_)
    if (!alive.contains(service_id)) gone.push_back(service_id);
  for (const uint32_t service_id : gone) RETURN_IF_ERROR(keep_only(service_id, {}));
  return absl::OkStatus();
}

}  // namespace skiff::proxy
