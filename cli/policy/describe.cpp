// SPDX-License-Identifier: Apache-2.0
#include "cli/policy/describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <ranges>

namespace skiff::cli {
namespace {

constexpr uint32_t kTableBits = 32, kProtocolBits = 48, kPortBits = 64;

std::string port_text(const datapath::PolicyPortKey& key) {
  const char* protocol = key.protocol == IPPROTO_UDP    ? "UDP"
                         : key.protocol == IPPROTO_SCTP ? "SCTP"
                                                        : "TCP";
  const uint32_t first = datapath::port_of(key.port);
  const uint32_t count = 1U << (kPortBits - key.prefix_bits);
  if (key.prefix_bits == kProtocolBits) return fmt::format("{} all ports", protocol);
  if (count == 1) return fmt::format("{} {}", protocol, first);
  return fmt::format("{} {}-{}", protocol, first, first + count - 1);
}

std::string range_text(const datapath::PolicyRangeKey& key) {
  const IpAddress base = datapath::from_abi(key.address);
  const uint32_t bits = key.prefix_bits - kTableBits;
  return fmt::format("{}/{}", base.to_string(), base.is_v4() ? bits - 96 : bits);
}

class Description {
 public:
  Description(const datapath::Maps& maps, const std::vector<api::Pod>& pods) : maps_(maps) {
    for (const api::Pod& pod : pods)
      for (const api::PodIP& one : pod.status.podIPs)
        if (const auto ip = IpAddress::parse(one.ip); ip.ok() && !pod.spec.hostNetwork)
          names_[*ip] = pod.metadata.namespace_ + "/" + pod.metadata.name;
  }

  Status read_ports() {
    return maps_.policy_ports->for_each([&](const datapath::PolicyPortKey& key, const auto&) {
      const uint32_t order = key.protocol << 16U | datapath::port_of(key.port);
      ports_[key.set][order] = port_text(key);
    });
  }

  Status side(const char* direction, const char* from, const datapath::PolicySide& side,
              std::vector<std::string>& lines) {
    if ((side.flags & SKIFF_POLICY_ISOLATED) == 0) {
      lines.push_back(fmt::format("  {}: not isolated, everything passes", direction));
      return absl::OkStatus();
    }
    if ((side.flags & SKIFF_POLICY_PENDING) != 0) {
      lines.push_back(
          fmt::format("  {}: its policies are not known yet, nothing passes", direction));
      return absl::OkStatus();
    }
    lines.push_back(fmt::format("  {}: isolated, rules of table {}", direction, side.table));
    std::map<std::string, std::string> peers;
    RETURN_IF_ERROR(maps_.policy_ranges->for_each([&](const auto& key, const uint32_t& set) {
      if (key.table == side.table) peers[range_text(key)] = set_text(set);
    }));
    RETURN_IF_ERROR(maps_.policy_peers->for_each([&](const auto& key, const uint32_t& set) {
      if (key.table == side.table)
        peers[peer_text(datapath::from_abi(key.address))] = set_text(set);
    }));
    for (const auto& [peer, ports] : peers)
      lines.push_back(fmt::format("    {} {}: {}", from, peer, ports));
    lines.push_back(fmt::format("    {} {}: {}", from, peers.empty() ? "anybody" : "anybody else",
                                set_text(side.others)));
    return absl::OkStatus();
  }

 private:
  std::string set_text(uint32_t set) const {
    if (set == SKIFF_PORTS_NONE) return "nothing";
    if (set == SKIFF_PORTS_ALL) return "everything";
    const auto it = ports_.find(set);
    return it == ports_.end() ? "nothing"
                              : fmt::format("{}", fmt::join(std::views::values(it->second), ", "));
  }
  std::string peer_text(const IpAddress& address) const {
    const auto it = names_.find(address);
    return it == names_.end() ? address.to_string()
                              : fmt::format("{} ({})", address.to_string(), it->second);
  }

  const datapath::Maps& maps_;
  std::map<IpAddress, std::string> names_;
  std::map<uint32_t, std::map<uint32_t, std::string>> ports_;  // by set; in order
};

}  // namespace

Result<std::vector<std::string>> describe_policy(const datapath::Maps& maps, const api::Pod& pod,
                                                 const std::vector<api::Pod>& pods) {
  std::vector<std::string> lines;
  Description description(maps, pods);
  RETURN_IF_ERROR(description.read_ports());
  for (const api::PodIP& one : pod.status.podIPs) {
    ASSIGN_OR_RETURN(const IpAddress address, IpAddress::parse(one.ip));
    lines.push_back(
        fmt::format("{}/{} {}", pod.metadata.namespace_, pod.metadata.name, address.to_string()));
    ASSIGN_OR_RETURN(const auto entry, maps.pod_policies->get(datapath::to_abi(address)));
    const datapath::PodPolicy policy = entry.value_or(datapath::PodPolicy{});
    RETURN_IF_ERROR(description.side("ingress", "from", policy.side[SKIFF_POLICY_INGRESS], lines));
    RETURN_IF_ERROR(description.side("egress", "to", policy.side[SKIFF_POLICY_EGRESS], lines));
  }
  if (lines.empty()) lines.push_back("the pod has no address yet");
  return lines;
}

}  // namespace skiff::cli
