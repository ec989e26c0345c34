// SPDX-License-Identifier: Apache-2.0
// One packet's path: what the hooks of all nodes saw of it, in order, joined through translations.
// Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/trace/tap_wire.h"
#include "cli/packets/names.h"

namespace skiff::cli {

// A packet at one hook of one node.
struct Sighting {
  std::string node;
  trace::TapPlace place;
  trace::TapPacket packet;
  std::chrono::steady_clock::time_point arrived;  // here, from its node
};

struct Walk {
  std::vector<Sighting> steps;  // as they happened
};

// A sighting continues the walk whose last step left as it came: same tuple, same TCP sequence
// number and IP identification where there are any, within `window`, and not at a hook of a node it
// has been at (that is the packet sent again). Walks come out in the order they began.
std::vector<Walk> join(std::vector<Sighting> sightings,
                       std::chrono::nanoseconds window = std::chrono::seconds(1));

// Takes out of `waiting` the walks of which no step arrived after `before`; the others' sightings
// stay, so that what goes on all the time is told as well.
std::vector<Walk> take_settled(std::vector<Sighting>& waiting,
                               std::chrono::steady_clock::time_point before);

// An indented walk:
//   12:01:02.345678 shop/client:40122 -> shop/web:80 TCP SYN len 74
//     +0.0us   node-1  from pod shop/client (veth1)     shop/web:80 becomes shop/web-1:8080
//     +31.2us  node-2  from device eth0                 -> shop/web-1
std::string print(const Walk& walk, const ClusterNames& names);

// "from pod", "to device", …
std::string hook_name(uint8_t hook);
// "goes on", "redirected", "dropped: no_route", "refused: no_endpoints".
std::string verdict_name(int32_t verdict);

}  // namespace skiff::cli
