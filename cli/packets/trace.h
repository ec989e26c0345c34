// SPDX-License-Identifier: Apache-2.0
// `skiff trace`: packets' paths over the nodes, printed as they end.
#pragma once

#include <string>

#include "cli/packets/tap_client.h"

namespace skiff::cli {

struct TraceOptions {
  TapOptions tap;
  std::string to;      // a pod or Service: only packets between it and the filter's; empty: all
  uint64_t count = 0;  // of walks; 0: until interrupted
};

Status trace_packets(TraceOptions options);

}  // namespace skiff::cli
