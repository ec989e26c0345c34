// SPDX-License-Identifier: Apache-2.0
// Events as the programs send them (bpf/abi/trace.h), under names of our own.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/datapath/abi.h"
#include "base/ip.h"
#include "bpf/abi/trace.h"

namespace skiff::trace {

using FlowEvent = skiff_flow_event;
using DropEvent = skiff_drop_event;

// A question to the node's DNS and its answer. Not from the programs: the agent tells it.
struct DnsEvent {
  skiff_trace_header header{};  // the time alone
  IpAddress client, server;
  uint16_t client_port = 0;
  uint8_t protocol = 17;
  bool forwarded = false;  // others were asked
  std::string name;        // "web.shop.svc.cluster.local."
  std::string type;        // "A"
  std::string rcode;       // "NXDOMAIN"
  std::vector<IpAddress> addresses;
  std::vector<std::string> answer_types;
  uint64_t took_ns = 0;
};

using RawEvent = std::variant<FlowEvent, DropEvent, DnsEvent>;

inline const skiff_trace_header& header_of(const RawEvent& event) {
  return std::visit([](const auto& one) -> const skiff_trace_header& { return one.header; }, event);
}

}  // namespace skiff::trace
