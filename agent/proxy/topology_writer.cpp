// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/topology_writer.h"

#include <map>

namespace skiff::proxy {
namespace {

// Erases what is in `table` and not wanted, puts what is wanted and different.
template <class K, class V>
Status make_equal(datapath::Map<K, V>& table, const std::map<K, V, datapath::BytesLess>& wanted,
                  const std::function<bool(const K&, const V&)>& ours) {
  std::map<K, V, datapath::BytesLess> present;
  RETURN_IF_ERROR(
      table.for_each([&](const K& key, const V& value) { present.emplace(key, value); }));
  for (const auto& [key, value] : wanted) {
    const auto it = present.find(key);
    if (it == present.end() || std::memcmp(&it->second, &value, sizeof(value)) != 0)
      RETURN_IF_ERROR(table.put(key, value));
  }
  for (const auto& [key, value] : present)
    if (!wanted.contains(key) && ours(key, value)) RETURN_IF_ERROR(table.erase(key));
  return absl::OkStatus();
}

bool is_single_address(const datapath::RangeKey& key) {
  return key.prefix_bits == 128;
}

}  // namespace

Status write_node_addresses(datapath::Maps& maps,
                            std::span<const std::shared_ptr<const api::Node>> nodes,
                            const std::string& self) {
  std::map<datapath::Address, datapath::Node, datapath::BytesLess> addresses;
  std::map<datapath::RangeKey, datapath::Range, datapath::BytesLess> unmasqueraded;
  for (const auto& node : nodes) {
    for (const api::NodeAddress& address : node->status.addresses) {
      if (address.type != "InternalIP") continue;
      const auto ip = IpAddress::parse(address.address);
      if (!ip.ok()) continue;
      const bool local = node->metadata.name == self;
      addresses[datapath::to_abi(*ip)] = {.flags = local ? uint32_t{SKIFF_NODE_LOCAL} : 0u,
                                          .pad = 0};
      unmasqueraded[{.prefix_bits = 128, .address = datapath::to_abi(*ip)}] = {
          .flags = SKIFF_RANGE_NO_MASQUERADE, .pad = 0};
    }
  }
  RETURN_IF_ERROR((make_equal<datapath::Address, datapath::Node>(
                      *maps.nodes, addresses, [](const auto&, const auto&) { return true; })),
                  "write nodes");
  RETURN_IF_ERROR(
      (make_equal<datapath::RangeKey, datapath::Range>(
          *maps.ranges, unmasqueraded,
          [](const datapath::RangeKey& key, const auto&) { return is_single_address(key); })),
      "write node ranges");
  return absl::OkStatus();
}

Status write_ranges(datapath::Maps& maps, std::span<const Cidr> service_ranges,
                    std::span<const Cidr> cluster_ranges) {
  std::map<datapath::RangeKey, datapath::Range, datapath::BytesLess> wanted;
  for (const Cidr& range : service_ranges)
    wanted[datapath::to_abi(range)] = {.flags = SKIFF_RANGE_SERVICE, .pad = 0};
  for (const Cidr& range : cluster_ranges)
    wanted[datapath::to_abi(range)] = {.flags = SKIFF_RANGE_NO_MASQUERADE, .pad = 0};
  RETURN_IF_ERROR(
      (make_equal<datapath::RangeKey, datapath::Range>(
          *maps.ranges, wanted,
          [](const datapath::RangeKey& key, const auto&) { return !is_single_address(key); })),
      "write ranges");
  return absl::OkStatus();
}

}  // namespace skiff::proxy
