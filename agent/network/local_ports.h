// SPDX-License-Identifier: Apache-2.0
// Ports that masquerading chooses from are no ports for sockets that ask for any.
#pragma once

#include <optional>
#include <vector>

#include "agent/network/uninstall.h"
#include "base/port_range.h"

namespace skiff::network {

// Keeps `ports` from such sockets (net.ipv4.ip_local_reserved_ports, for both families) where the
// kernel would give them out (net.ipv4.ip_local_port_range). INVALID_ARGUMENT if that left none to
// give. Those that sockets hold already are the proxy's business. Idempotent, blocking.
Status reserve_ports(const PortRange& ports, const SavedSettings& settings);

// What the reserved ports have to be; nothing: they may stay. Pure.
Result<std::optional<std::vector<PortRange>>> plan_reserved_ports(
    const PortRange& ports, const PortRange& local, const std::vector<PortRange>& reserved);

}  // namespace skiff::network
