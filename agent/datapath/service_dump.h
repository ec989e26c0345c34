// SPDX-License-Identifier: Apache-2.0
// What the programs know of Services, as text: how a command line far away looks into the maps.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "agent/datapath/maps.h"

namespace skiff::datapath {

// JSON of `frontends`, of those `backends` that a frontend names, of `source_ranges` and of what
// the Services were used for. `now`: CLOCK_MONOTONIC. Some microseconds an entry; any thread.
Result<std::string> encode_services(const Maps& maps, std::chrono::nanoseconds now);

struct ServiceDump {
  Maps maps;                     // in memory, with the same entries
  std::chrono::nanoseconds now;  // on the clock of the node that it is of
};
// INVALID_ARGUMENT names what cannot be read.
Result<ServiceDump> decode_services(std::string_view text);

}  // namespace skiff::datapath
