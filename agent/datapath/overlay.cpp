// SPDX-License-Identifier: Apache-2.0
// The overlay's half of Datapath.
#include "agent/datapath/bpffs.h"
#include "agent/datapath/datapath.h"
#include "agent/datapath/programs.h"

namespace skiff::datapath {
namespace {

// "overlay-IFINDEX-ingress" -> IFINDEX; 0 for other links.
int overlay_of_link(std::string_view name) {
  constexpr std::string_view kPrefix = "overlay-";
  if (!name.starts_with(kPrefix)) return 0;
  return std::atoi(std::string(name.substr(kPrefix.size())).c_str());
}

Device addresses_of(std::span<const OverlayPeer> peers) {
  Device device = {};
  for (const OverlayPeer& peer : peers)
    (peer.local.is_v4() ? device.address4 : device.address6) = to_abi(peer.local);
  return device;
}

}  // namespace

Status Datapath::load_overlay(const skiff_config& config) {
  ASSIGN_OR_RETURN(programs_->overlay,
                   load_skeleton<skiff_overlay_skeleton>(
                       "overlay", options_, [&](auto& s) { s.rodata->config = config; }, recreated_,
                       Misfit::kMigrate));
  return {};
}

Status Datapath::set_overlay(int ifindex, std::span<const OverlayPeer> peers) {
  std::map<RangeKey, Peer, BytesLess> desired;
  for (const OverlayPeer& peer : peers)
    desired[to_abi(peer.range)] = {.remote = to_abi(peer.remote),
                                   .local = to_abi(peer.local),
                                   .ifindex = static_cast<uint32_t>(ifindex),
                                   .flags = peer.routed ? uint32_t{SKIFF_PEER_ROUTED} : 0};
  // Hooks before entries, which lead there.
  if (!desired.empty()) {
    RETURN_IF_ERROR(maps_.devices->put(static_cast<uint32_t>(ifindex), addresses_of(peers)),
                    "set overlay");
    RETURN_IF_ERROR(
        attach_both("overlay", ifindex, programs_->from_overlay(), programs_->to_overlay()),
        "set overlay");
  }
  RETURN_IF_ERROR(sync(*maps_.peers, desired), "set overlay");
  for (const std::string& name : list_pins(options_.pin_dir + "/links")) {
    const int old = overlay_of_link(name);
    if (old == 0 || (!desired.empty() && old == ifindex)) continue;
    RETURN_IF_ERROR(detach_both("overlay", old), "set overlay");
    RETURN_IF_ERROR(maps_.devices->erase(static_cast<uint32_t>(old)), "set overlay");
  }
  return {};
}

}  // namespace skiff::datapath
