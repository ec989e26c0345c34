// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/announce_plan.h"

#include <algorithm>

namespace skiff::proxy {
namespace {

constexpr const char* kExcluded = "node.kubernetes.io/exclude-from-external-load-balancers";

// FNV-1a and a finisher: every node must compute the same, whatever its library.
uint64_t weight(const IpAddress& address, std::string_view node) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const uint8_t byte : address.bytes()) mix(byte);
  for (const char letter : node) mix(static_cast<uint8_t>(letter));
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  return hash ^ hash >> 33;
}

bool is_from_pool(const api::Service& service) {
  return service.spec.type == "LoadBalancer" &&
         std::any_of(service.status.conditions.begin(), service.status.conditions.end(),
                     [](const api::Condition& condition) {
                       return condition.type == kPoolAddressCondition && condition.status == "True";
                     });
}

std::vector<std::string> with_endpoints(std::span<const std::string> nodes,
                                        std::span<const SlicePtr> slices) {
  std::vector<std::string> some;
  for (const std::string& node : nodes)
    if (count_local_ready(slices, {.node = node, .zone = "", .node_addresses = {}}) > 0)
      some.push_back(node);
  return some;
}

bool is_on_one_of(std::span<const Cidr> segments, const api::Node& node) {
  return segments.empty() || std::ranges::any_of(node.status.addresses, [&](const auto& each) {
           const auto ip = IpAddress::parse(each.address);
           return ip.ok() && each.type == "InternalIP" &&
                  std::ranges::any_of(segments,
                                      [&](const Cidr& segment) { return segment.contains(*ip); });
         });
}

}  // namespace

bool is_ready(const api::Node& node) {
  return std::any_of(
      node.status.conditions.begin(), node.status.conditions.end(),
      [](const auto& each) { return each.type == "Ready" && each.status == "True"; });
}

std::vector<std::string> announcing_nodes(std::span<const NodePtr> nodes,
                                          std::span<const Cidr> segments) {
  std::vector<std::string> names;
  for (const NodePtr& node : nodes)
    if (is_ready(*node) && !node->metadata.deletionTimestamp &&
        !node->metadata.labels.contains(kExcluded) && is_on_one_of(segments, *node))
      names.push_back(node->metadata.name);
  return names;
}

std::string elected(const IpAddress& address, std::span<const std::string> nodes) {
  std::string best;
  uint64_t most = 0;
  for (const std::string& node : nodes) {
    const uint64_t own = weight(address, node);
    if (!best.empty() && (own < most || (own == most && best < node))) continue;
    best = node;
    most = own;
  }
  return best;
}

std::set<IpAddress> plan_announcements(std::span<const ServicePtr> services,
                                       std::span<const NodePtr> nodes, const SlicesOf& slices_of,
                                       const std::string& node, std::span<const Cidr> segments) {
  std::set<IpAddress> mine;
  const std::vector<std::string> all = announcing_nodes(nodes, segments);
  for (const ServicePtr& service : services) {
    if (!is_from_pool(*service)) continue;
    std::vector<std::string> eligible = all;
    if (service->spec.externalTrafficPolicy == "Local")
      eligible = with_endpoints(all, slices_of(*service));
    for (const api::LoadBalancerIngress& ingress : service->status.loadBalancer.ingress) {
      const auto address = IpAddress::parse(ingress.ip);
      if (address.ok() && ingress.ipMode.value_or("VIP") == "VIP" &&
          elected(*address, eligible) == node)
        mine.insert(*address);
    }
  }
  return mine;
}

}  // namespace skiff::proxy
