// SPDX-License-Identifier: Apache-2.0
// Sets of ports, and the prefixes they are in a trie.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/datapath/abi.h"

namespace skiff::policy {

// Some ports of one protocol, both ends included.
struct PortSpan {
  uint8_t protocol = 0;
  uint16_t first = 0;
  uint16_t last = 0;

  auto operator<=>(const PortSpan&) const = default;
};

// A set of ports. In normal form (after normalize()) equal sets compare equal.
struct Ports {
  bool all = false;  // every port of every protocol, and ICMP
  std::vector<PortSpan> spans;

  auto operator<=>(const Ports&) const = default;
  bool empty() const { return !all && spans.empty(); }
  void add(const Ports& other);
  // Sorts, joins neighbours; nothing beside `all`.
  void normalize();
  // `TCP 80, UDP 1000-2000`, `everything`, `nothing`.
  std::string to_string() const;
};

// The keys under which `ports` is set `set` in policy_ports: 0 - 65535 is one, any span at most 30.
std::vector<datapath::PolicyPortKey> port_keys(uint32_t set, const Ports& ports);

}  // namespace skiff::policy
