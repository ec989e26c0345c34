// SPDX-License-Identifier: Apache-2.0
// Records as Hubble's flows. Pure.
#pragma once

#include "agent/trace/record.h"
#include "proto/hubble_flow.pb.h"

namespace skiff::trace::hubble {

::flow::Flow flow_of(const FlowRecord& record);

// Hubble's number for one of skiff's reasons; 0 where it has none.
uint32_t drop_reason_of(std::string_view label);
// 1 host, 2 world, 6 another node; pods from 256 on, the same for equal namespace and labels.
uint32_t identity_of(const Identity* who, const std::string& this_node);

google::protobuf::Timestamp timestamp_of(TimePoint time);
TimePoint time_of(const google::protobuf::Timestamp& timestamp);

}  // namespace skiff::trace::hubble
