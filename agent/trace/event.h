// SPDX-License-Identifier: Apache-2.0
// Events as the programs send them (bpf/abi/trace.h), under names of our own.
#pragma once

#include <variant>

#include "agent/datapath/abi.h"
#include "bpf/abi/trace.h"

namespace skiff::trace {

using FlowEvent = skiff_flow_event;
using DropEvent = skiff_drop_event;
using RawEvent = std::variant<FlowEvent, DropEvent>;

inline const skiff_trace_header& header_of(const RawEvent& event) {
  return std::visit([](const auto& one) -> const skiff_trace_header& { return one.header; }, event);
}

}  // namespace skiff::trace
