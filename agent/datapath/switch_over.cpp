// SPDX-License-Identifier: Apache-2.0
// The half of Datapath that replaces programs and maps under packets: at a restart, an upgrade, and
// when a map grows.
#include <algorithm>
#include <set>

#include "agent/datapath/bpffs.h"
#include "agent/datapath/datapath.h"
#include "agent/datapath/link.h"
#include "agent/datapath/loader.h"
#include "agent/datapath/map_upgrade.h"
#include "agent/datapath/programs.h"
#include "agent/datapath/way_epoch.h"

namespace skiff::datapath {

// Entries come before the programs that read them, and what the old programs wrote meanwhile after.
Status Datapath::switch_over() {
  ASSIGN_OR_RETURN(MapUpgrade upgrade, MapUpgrade::find(options_.pin_dir));
  const LogCapture quiet;  // asking for filters that are not there is no news
  RETURN_IF_ERROR(upgrade.copy());
  recreated_ = upgrade.unreadable();
  waiting_ = upgrade.must_wait();
  if (waiting_) return {};
  RETURN_IF_ERROR(switch_programs());
  RETURN_IF_ERROR(upgrade.catch_up());
  return upgrade.finish();
}

Status Datapath::finish_upgrade() {
  if (!waiting_) return {};
  const LogCapture quiet;
  ASSIGN_OR_RETURN(MapUpgrade upgrade, MapUpgrade::find(options_.pin_dir), "finish upgrade");
  RETURN_IF_ERROR(switch_programs(), "finish upgrade");
  RETURN_IF_ERROR(upgrade.catch_up(), "finish upgrade");
  RETURN_IF_ERROR(upgrade.finish(), "finish upgrade");
  waiting_ = false;
  return {};
}

Status Datapath::switch_programs() {
  RETURN_IF_ERROR(update_pinned_links());
  RETURN_IF_ERROR(update_filters());
  RETURN_IF_ERROR(attach_sockets());
  // They may judge otherwise.
  return maps_.way_epoch->advance();
}

// Filters of kernels below 6.6 have no pins: the maps say where they are.
Status Datapath::update_filters() {
  if (tcx_) return {};
  std::set<int> pods, devices, overlays;
  RETURN_IF_ERROR(maps_.pods->for_each(
      [&](const Address&, const Pod& pod) { pods.insert(static_cast<int>(pod.ifindex)); }));
  RETURN_IF_ERROR(maps_.devices->for_each(
      [&](const uint32_t& ifindex, const Device&) { devices.insert(static_cast<int>(ifindex)); }));
  RETURN_IF_ERROR(maps_.peers->for_each([&](const RangeKey&, const Peer& peer) {
    overlays.insert(static_cast<int>(peer.ifindex));
    devices.erase(static_cast<int>(peer.ifindex));
  }));
  const auto replace = [](int ifindex, TcDirection direction, int program_fd) -> Status {
    if (!has_clsact(ifindex, direction)) return {};
    return attach_clsact(program_fd, ifindex, direction);
  };
  for (const int ifindex : pods) {
    RETURN_IF_ERROR(replace(ifindex, TcDirection::kEgress, programs_->to_pod()));
    RETURN_IF_ERROR(replace(ifindex, TcDirection::kIngress, programs_->from_pod()));
  }
  for (const int ifindex : devices) {
    RETURN_IF_ERROR(replace(ifindex, TcDirection::kEgress, programs_->to_device()));
    RETURN_IF_ERROR(replace(ifindex, TcDirection::kIngress, programs_->from_device()));
  }
  for (const int ifindex : overlays) {
    RETURN_IF_ERROR(replace(ifindex, TcDirection::kEgress, programs_->to_overlay()));
    RETURN_IF_ERROR(replace(ifindex, TcDirection::kIngress, programs_->from_overlay()));
  }
  return {};
}

bool Datapath::is_attached(const std::string& pin, int ifindex) const {
  if (!tcx_) return has_clsact(ifindex, TcDirection::kIngress);
  const auto at = pinned_link_ifindex(pin + "-ingress");
  return at.ok() && *at == ifindex;
}

Status Datapath::grow(const std::map<std::string, uint32_t>& sizes) {
  if (waiting_) return failed_precondition("grow maps: an upgrade waits for the first sync");
  const MapSizes before = options_.sizes;
  for (const auto& [name, entries] : sizes) options_.sizes.grown[name] = entries;
  std::unique_ptr<Programs> old = std::move(programs_);
  if (const Status loaded = load(); !loaded.ok()) {
    programs_ = std::move(old);
    options_.sizes = before;
    for (const std::string& name : list_pins(options_.pin_dir + "/next")) {
      RETURN_IF_ERROR(remove_pin(fmt::format("{}/next/{}", options_.pin_dir, name)), "grow maps");
    }
    return annotate(loaded, "grow maps");
  }
  // If this stops half-way, what has been switched reads the new maps, and so does the agent; the
  // next attempt, or start, goes on from there.
  const Status switched = switch_over();
  RETURN_IF_ERROR(reopen_maps(maps_, options_.pin_dir), "grow maps");
  return annotate(switched, "grow maps");
}

}  // namespace skiff::datapath
