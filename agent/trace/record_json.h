// SPDX-License-Identifier: Apache-2.0
// Records as JSON: one object a line between agent and command line, and what `-o json` shows.
#pragma once

#include <string>
#include <string_view>

#include "agent/trace/record.h"
#include "base/result.h"

namespace skiff::trace {

std::string encode_json(const FlowRecord& record);
Result<FlowRecord> decode_json(std::string_view line);

// "2026-01-31T12:01:02.345678Z", UTC.
std::string format_time(TimePoint time);

}  // namespace skiff::trace
