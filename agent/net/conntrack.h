// SPDX-License-Identifier: Apache-2.0
// What the kernel's connection tracking translates (ctnetlink), for datagrams.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace skiff::net {

struct FlowEnd {
  IpAddress address;
  uint16_t port = 0;  // host order

  bool operator==(const FlowEnd&) const = default;
};

struct TranslatedFlow {
  FlowEnd source, destination;  // as its client sends
  FlowEnd backend;              // who gets it instead of `destination`
  uint16_t zone = 0;
};

// UDP flows of the calling thread's namespace whose destination is translated, in both families.
// INVALID_ARGUMENT where the kernel has no ctnetlink.
Result<std::vector<TranslatedFlow>> translated_datagrams();
// Its next datagram begins anew, by the rules there are then. Succeeds if it has gone already.
Status forget(const std::vector<TranslatedFlow>& flows);

}  // namespace skiff::net
