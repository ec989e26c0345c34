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

// NOT_FOUND: `to` is neither a pod nor a Service; empty is fine.
Status check_end(const std::string& to, const ClusterNames& names, const ClusterObjects& objects);

// Of what goes between the filter's ends and `to`, both ways unless asked otherwise: an expression
// (filter.h). A Service is its address, if it has one, and its pods.
std::string filter_between(const TraceOptions& options, const ClusterNames& names,
                           const ClusterObjects& objects);

}  // namespace skiff::cli
