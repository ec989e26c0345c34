// SPDX-License-Identifier: Apache-2.0
// Which flows a client of Hubble asked for: inside a filter all fields must hold, the values of one
// field are alternatives; filters of a list are alternatives. Pure.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "base/result.h"
#include "proto/hubble_flow.pb.h"

namespace skiff::trace::hubble {

using FlowFilters = google::protobuf::RepeatedPtrField<::flow::FlowFilter>;

// INVALID_ARGUMENT for values that cannot be read, UNIMPLEMENTED for what needs an L7 proxy: a
// filter is never left out in silence.
Status check(const FlowFilters& filters);

// In the whitelist, or the whitelist is empty; and not in the blacklist.
bool wanted(const ::flow::Flow& flow, const FlowFilters& whitelist, const FlowFilters& blacklist);

}  // namespace skiff::trace::hubble
