// SPDX-License-Identifier: Apache-2.0
// The overlay: which destinations lie across it, and this node's end, one flow-based VXLAN device
// for both families. There is none where all nodes share a segment.
#pragma once

#include <string>
#include <vector>

#include "agent/net/netlink.h"
#include "base/ip.h"
#include "base/result.h"

namespace skiff::network {

enum class OverlayMode {
  kAuto,    // to nodes on other segments
  kAlways,  // to every other node
  kNever,
};
// "auto", "always", "never".
Result<OverlayMode> parse_overlay_mode(std::string_view text);

// Destinations that are reached through another node: its pods, and its own addresses, so that
// pods keep theirs on the way there.
struct Tunnel {
  Cidr range;
  IpAddress remote;     // the node's address on the wire
  IpAddress local;      // this node's of the same family
  bool routed = false;  // a route leads there too: only clients outside are carried across

  bool operator==(const Tunnel&) const = default;
};

// What the datapath is told. Empty: no overlay.
struct Overlay {
  int link_index = 0;
  std::vector<Tunnel> tunnels;
};

inline constexpr const char* kOverlayLink = "vxlan-skiff";

// The largest packet that fits into one of `uplink_mtu` to every remote.
uint32_t overlay_mtu(uint32_t uplink_mtu, const std::vector<Tunnel>& tunnels);

// The device is there, up, and of that MTU; its index. Idempotent, blocking.
Result<int> ensure_overlay_link(net::Netlink& netlink, uint32_t mtu);
// Its routes go with it. Removing what is not there succeeds.
Status remove_overlay_link(net::Netlink& netlink);

}  // namespace skiff::network
