// SPDX-License-Identifier: Apache-2.0
// A flow-based VXLAN device: programs decide for each packet which node it goes to, over either
// family.
#pragma once

#include <string>

#include "agent/net/link.h"

namespace skiff::net {

struct VxlanSpec {
  std::string name;
  uint16_t port = 4789;
  uint32_t mtu = 0;  // 0: the kernel's default
};

// Without neighbour discovery: nobody answers behind it. AlreadyExists if the name is taken;
// Unimplemented or NotFound where the kernel has no VXLAN.
Status create_vxlan(Netlink& netlink, const VxlanSpec& spec);

}  // namespace skiff::net
