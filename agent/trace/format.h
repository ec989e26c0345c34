// SPDX-License-Identifier: Apache-2.0
// Records as people read them. Pure.
#pragma once

#include <string>

#include "agent/trace/record.h"

namespace skiff::trace {

// One line: "12:01:02.345678 node-1 default/client:40122 => shop/web:http => shop/web-7f:8080 TCP
// new FORWARDED chosen 3f9a1c".
std::string compact(const FlowRecord& record);
// Several: the same, both tuples, counters, place, stack.
std::string wide(const FlowRecord& record);

// "1.5 KB"; "850 us", "2.1 s".
std::string human_bytes(uint64_t bytes);
std::string human_time(Duration time);

}  // namespace skiff::trace
