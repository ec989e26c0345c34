// SPDX-License-Identifier: Apache-2.0
// One fact each of `skiff why`, out of the tables of the programs. Synchronous; maps may be fakes.
// Errors are of tables that cannot be read.
#pragma once

#include <vector>

#include "agent/datapath/datapath.h"
#include "agent/trace/why_facts.h"

namespace skiff::trace {

struct SocketAddress {
  IpAddress address;
  uint16_t port = 0;

  std::string to_string() const;  // "10.244.1.7:8080"
};

Result<FrontendFact> frontend_fact(const datapath::Maps& maps, const WhyQuestion& question);
// To the destination itself, or to the backends of its frontend (at most four).
Result<std::vector<RouteFact>> route_facts(const datapath::Maps& maps, const WhyQuestion& question,
                                           const FrontendFact& frontend);
// Translated flows of the source towards the destination, the latest first, at most five.
Result<std::vector<FlowFact>> flow_facts(const datapath::Maps& maps, const WhyQuestion& question);
// Where packets go once a Service is translated: its backends (at most sixteen), or the
// destination.
Result<std::vector<SocketAddress>> final_destinations(const datapath::Maps& maps,
                                                      const WhyQuestion& question);
// Asks a copy of the program with a packet of the pod, or of one that comes in at the device that
// leads to its sender; nothing of it stays.
ProbeFact probe_fact(const datapath::Maps& maps, const datapath::ProbeSource& source,
                     const WhyQuestion& question);
// The same with a packet of a client outside (RFC 5737, RFC 3849) that comes in at the node's
// uplink.
OutsideFact outside_fact(const datapath::Maps& maps, const datapath::ProbeSource& source,
                         const WhyQuestion& question);

}  // namespace skiff::trace
