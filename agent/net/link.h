// SPDX-License-Identifier: Apache-2.0
// Network devices. Names are at most 15 characters. All calls act in the namespace of `netlink`.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "agent/net/netlink.h"

namespace skiff::net {

using MacAddress = std::array<uint8_t, 6>;
std::string to_string(const MacAddress& mac);
Result<MacAddress> parse_mac(std::string_view text);
// A locally administered unicast address that depends on `seed` alone.
MacAddress mac_from_seed(std::string_view seed);

struct Link {
  int index = 0;
  std::string name;
  MacAddress mac{};
  uint32_t mtu = 0;
  uint32_t tx_queues = 1;
  bool up = false;       // administratively
  bool running = false;  // up, and with a carrier
  std::string kind;      // "veth", "bridge", …; empty for hardware and loopback
  int master = 0;        // index of its bridge, or 0
  int peer_index = 0;    // index of a veth's other end in that end's namespace, or 0
};

struct VethEnd {
  std::string name;
  std::optional<MacAddress> mac;
  const Netns* netns = nullptr;  // born there; null: the namespace of the socket
};
struct VethSpec {
  VethEnd end;
  VethEnd peer;
  uint32_t mtu = 0;  // 0: the kernel's default
};

// AlreadyExists if either name is taken in its namespace.
Status create_veth(Netlink& netlink, const VethSpec& spec);
Status create_bridge(Netlink& netlink, const std::string& name);
// NotFound if there is none. Deleting one end of a veth pair deletes both.
Status delete_link(Netlink& netlink, const std::string& name);

// NotFound if there is none.
Result<Link> get_link(Netlink& netlink, const std::string& name);
Result<Link> get_link(Netlink& netlink, int index);
Result<std::vector<Link>> list_links(Netlink& netlink);

Status set_up(Netlink& netlink, const std::string& name, bool up = true);
Status set_mtu(Netlink& netlink, const std::string& name, uint32_t mtu);
Status set_mac(Netlink& netlink, const std::string& name, const MacAddress& mac);
Status rename_link(Netlink& netlink, const std::string& name, const std::string& new_name);
// `bridge` empty: leaves its bridge.
Status set_master(Netlink& netlink, const std::string& name, const std::string& bridge);
// A bridge port that reflects frames to where they came from (needed by one pod reaching itself
// through it).
Status set_hairpin(Netlink& netlink, const std::string& name, bool hairpin);
Status move_to_netns(Netlink& netlink, const std::string& name, const Netns& target);

}  // namespace skiff::net
