// SPDX-License-Identifier: Apache-2.0
#include "agent/network/overlay.h"

#include <algorithm>

#include "agent/net/sysctl.h"
#include "agent/net/vxlan.h"

namespace skiff::network {
namespace {

// Inner Ethernet, VXLAN, UDP, and the outer IP header.
constexpr uint32_t kOverheadV4 = 14 + 8 + 8 + 20;
constexpr uint32_t kOverheadV6 = 14 + 8 + 8 + 40;

// A device of that name that is no VXLAN is somebody else's mistake, or a crash of another version.
Result<bool> is_present(net::Netlink& netlink) {
  const auto link = net::get_link(netlink, kOverlayLink);
  if (link.status().code() == StatusCode::kNotFound) return false;
  RETURN_IF_ERROR(link);
  if (link->kind == "vxlan") return true;
  RETURN_IF_ERROR(net::delete_link(netlink, kOverlayLink));
  return false;
}

Status configure(net::Netlink& netlink, uint32_t mtu) {
  const std::string name = kOverlayLink;
  RETURN_IF_ERROR(net::write_sysctl(fmt::format("ipv4/conf/{}/rp_filter", name), "0"));
  // No address of its own: nobody is there to be discovered.
  for (const char* key : {"addr_gen_mode", "accept_ra"}) {
    const Status status =
        net::write_sysctl(fmt::format("ipv6/conf/{}/{}", name, key), key[1] == 'd' ? "1" : "0");
    if (!status.ok() && status.code() != StatusCode::kNotFound) return status;
  }
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, name));
  if (link.mtu != mtu) RETURN_IF_ERROR(net::set_mtu(netlink, name, mtu));
  return link.up ? absl::OkStatus() : net::set_up(netlink, name);
}

}  // namespace

Result<OverlayMode> parse_overlay_mode(std::string_view text) {
  if (text == "auto") return OverlayMode::kAuto;
  if (text == "always") return OverlayMode::kAlways;
  if (text == "never") return OverlayMode::kNever;
  return invalid_argument("--overlay \"{}\": want auto, always or never", text);
}

uint32_t overlay_mtu(uint32_t uplink_mtu, const std::vector<Tunnel>& tunnels) {
  const bool v6 = std::ranges::any_of(tunnels, [](const Tunnel& t) { return !t.remote.is_v4(); });
  return uplink_mtu - (v6 ? kOverheadV6 : kOverheadV4);
}

Result<int> ensure_overlay_link(net::Netlink& netlink, uint32_t mtu) {
  ASSIGN_OR_RETURN(const bool present, is_present(netlink), "overlay");
  if (!present)
    RETURN_IF_ERROR(net::create_vxlan(netlink, {.name = kOverlayLink, .mtu = mtu}), "overlay");
  RETURN_IF_ERROR(configure(netlink, mtu), "overlay");
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, kOverlayLink), "overlay");
  return link.index;
}

Status remove_overlay_link(net::Netlink& netlink) {
  const Status status = net::delete_link(netlink, kOverlayLink);
  return status.code() == StatusCode::kNotFound ? absl::OkStatus()
                                                : annotate(status, "remove overlay");
}

}  // namespace skiff::network
