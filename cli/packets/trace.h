// SPDX-License-Identifier: Apache-2.0
// `skiff trace`: packets' paths over the nodes, printed as they end.
#pragma once

#include <string>

#include "cli/packets/tap_client.h"

namespace skiff::cli {

struct TraceOptions {
  TapOptions tap;
  std::string to;        // a pod or Service: only packets between it and the filter's; empty: all
  bool one_way = false;  // with `to`: only towards it
  bool hooks_only = false;  // where skiff's own programs are, not at points of the kernel
  bool points = false;      // a line for each point
  uint64_t count = 0;       // of walks; 0: until interrupted
};

Status trace_packets(TraceOptions options);

}  // namespace skiff::cli
