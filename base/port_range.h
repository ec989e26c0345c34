// SPDX-License-Identifier: Apache-2.0
// Ranges of ports, as flags and the kernel's settings write them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff {

struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;  // inclusive

  // "30000-32767", or as kube-apiserver also takes it, "30000+2767" and "30000". INVALID_ARGUMENT
  // says what would be right; port 0 is none.
  static Result<PortRange> parse(std::string_view text);
  // "30000-32767"; of one port "30000", as sysctls have it.
  std::string to_string() const;

  uint32_t size() const { return uint32_t{last} - first + 1; }
  bool contains(uint32_t port) const { return port >= first && port <= last; }
  bool overlaps(const PortRange& other) const { return first <= other.last && other.first <= last; }
  auto operator<=>(const PortRange&) const = default;
};

// What Kubernetes gives NodePorts unless it is told otherwise.
inline constexpr PortRange kNodePorts{30000, 32767};
// Source ports behind a node's own address: above what Linux gives sockets by itself.
inline constexpr PortRange kSnatPorts{61000, 65535};

// "8080,9148,30000-30100", and nothing, as net.ipv4.ip_local_reserved_ports.
Result<std::vector<PortRange>> parse_port_list(std::string_view text);
std::string to_string(const std::vector<PortRange>& list);
// `list` and `range` together: sorted, none adjacent to another.
std::vector<PortRange> with_range(std::vector<PortRange> list, const PortRange& range);

}  // namespace skiff
