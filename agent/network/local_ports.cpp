// SPDX-License-Identifier: Apache-2.0
#include "agent/network/local_ports.h"

#include <algorithm>

#include "agent/net/sysctl.h"

namespace skiff::network {
namespace {

constexpr const char* kLocal = "ipv4/ip_local_port_range";
constexpr const char* kReserved = "ipv4/ip_local_reserved_ports";

// "32768\t60999"
Result<PortRange> local_range() {
  ASSIGN_OR_RETURN(std::string text, net::read_sysctl(kLocal));
  std::ranges::replace(text, '\t', '-');
  return PortRange::parse(text);
}

uint32_t free_ports(const PortRange& local, const std::vector<PortRange>& reserved) {
  uint32_t taken = 0;
  for (const PortRange& range : reserved)
    if (range.overlaps(local))
      taken +=
          PortRange{std::max(range.first, local.first), std::min(range.last, local.last)}.size();
  return local.size() - taken;
}

}  // namespace

Result<std::optional<std::vector<PortRange>>> plan_reserved_ports(
    const PortRange& ports, const PortRange& local, const std::vector<PortRange>& reserved) {
  if (!ports.overlaps(local)) return std::nullopt;
  std::vector<PortRange> wanted = with_range(reserved, ports);
  if (free_ports(local, wanted) == 0)
    return invalid_argument(
        "{} leaves no port for the node's own sockets, which get those of "
        "net.ipv4.ip_local_port_range, {}",
        ports.to_string(), local.to_string());
  if (wanted == reserved) return std::nullopt;
  return wanted;
}

Status reserve_ports(const PortRange& ports, const SavedSettings& settings) {
  ASSIGN_OR_RETURN(const PortRange local, local_range(), "net.ipv4.ip_local_port_range");
  ASSIGN_OR_RETURN(const std::string text, net::read_sysctl(kReserved));
  ASSIGN_OR_RETURN(const auto reserved, parse_port_list(text), "net.ipv4.ip_local_reserved_ports");
  ASSIGN_OR_RETURN(const auto wanted, plan_reserved_ports(ports, local, reserved));
  return wanted ? settings.write(kReserved, to_string(*wanted)) : absl::OkStatus();
}

}  // namespace skiff::network
