// SPDX-License-Identifier: Apache-2.0
// Programs at their hooks. A pinned link outlives the process that made it, and its program is
// replaced atomically: the packet before sees the old one, the packet after the new one. Devices
// are those of the calling thread's network namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace skiff::datapath {

// Seen from the device, as the kernel does: what it receives, what it sends.
enum class TcDirection : uint8_t { kIngress, kEgress };

// Does this kernel have tcx (6.6)?
bool tcx_supported();

// Attaches `program_fd` through a link pinned at `pin`, or replaces the program of the link that is
// pinned there already. A pin left by a device that is gone is replaced.
Status attach_tcx(const std::string& pin, int program_fd, int ifindex, TcDirection direction);
// In the driver itself (native XDP). FAILED_PRECONDITION: it does not take the program, or somebody
// else's is there.
Status attach_xdp(const std::string& pin, int program_fd, int ifindex);
Status attach_cgroup(const std::string& pin, int program_fd, int cgroup_fd, uint32_t attach_type);

// Replaces the program of a pinned link. False: its device or cgroup is gone, and now its pin too.
Result<bool> update_pinned_link(const std::string& pin, int program_fd);
// Which device the pinned tcx link is on; 0 if that is gone.
Result<int> pinned_link_ifindex(const std::string& pin);

// Below 6.6: a filter of the device's clsact qdisc. It stays until detached or the device goes.
// Replacing a program is atomic here as well.
Status attach_clsact(int program_fd, int ifindex, TcDirection direction);
// Is our filter there? False as well where the device is gone.
bool has_clsact(int ifindex, TcDirection direction);
// A device without the filter, or that is gone, is success.
Status detach_clsact(int ifindex, TcDirection direction);

}  // namespace skiff::datapath
