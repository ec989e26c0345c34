// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/node_ipam.h"

#include <set>

namespace skiff::controllers {
namespace {

constexpr uint8_t kNodePrefixV4 = 24;
constexpr uint8_t kNodePrefixV6 = 64;

// The `index`-th range of `prefix` bits inside `whole`.
Cidr subrange(const Cidr& whole, uint8_t prefix, uint64_t index) {
  std::array<uint8_t, 16> bytes = whole.base().bytes();
  const unsigned last_bit = whole.is_v4() ? prefix + 96u : prefix;
  for (unsigned bit = last_bit; bit > 0 && index != 0; --bit, index >>= 1)
    if (index & 1) bytes[(bit - 1) / 8] |= static_cast<uint8_t>(0x80u >> ((bit - 1) % 8));
  return Cidr(IpAddress(bytes), prefix);
}

}  // namespace

Result<std::vector<Cidr>> plan_node_ranges(
    std::span<const Cidr> cluster_ranges, std::span<const std::shared_ptr<const api::Node>> nodes) {
  std::set<Cidr> taken;
  for (const auto& node : nodes)
    for (const std::string& text : node->spec.podCIDRs)
      if (const auto range = Cidr::parse(text); range.ok()) taken.insert(*range);
  std::vector<Cidr> given;
  for (const Cidr& whole : cluster_ranges) {
    const uint8_t prefix = std::max(whole.prefix(), whole.is_v4() ? kNodePrefixV4 : kNodePrefixV6);
    const uint64_t count = uint64_t{1} << std::min(prefix - whole.prefix(), 20);
    uint64_t index = 0;
    while (index < count && taken.contains(subrange(whole, prefix, index))) ++index;
    if (index == count)
      return resource_exhausted("cluster range {} has no free /{} left for this node",
                                whole.to_string(), prefix);
    given.push_back(subrange(whole, prefix, index));
  }
  return given;
}

awaitable<Result<kube::Outcome>> NodeIpamReconciler::reconcile(const kube::ObjectKey& key) {
  const auto node = stores_.nodes.get(key);
  if (!node || !node->spec.podCIDRs.empty()) co_return kube::Outcome::done();
  CO_ASSIGN_OR_RETURN(const std::vector<Cidr> ranges,
                      plan_node_ranges(cluster_ranges_, stores_.nodes.list()));
  api::Node updated = *node;
  for (const Cidr& range : ranges) updated.spec.podCIDRs.push_back(range.to_string());
  updated.spec.podCIDR = updated.spec.podCIDRs.front();
  const auto written = co_await client_.update(std::move(updated));
  CO_RETURN_IF_ERROR(written);
  // The next node must see what this one got.
  co_await stores_.nodes.reach(written->metadata.resourceVersion);
  co_return kube::Outcome::done();
}

void NodeIpamReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  stores.nodes.subscribe([&loop](const auto&, const auto& after) {
    if (after && after->spec.podCIDRs.empty()) loop.enqueue(kube::key_of(*after));
  });
}

}  // namespace skiff::controllers
