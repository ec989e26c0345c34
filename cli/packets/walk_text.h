// SPDX-License-Identifier: Apache-2.0
// A walk in words. Pure.
#pragma once

#include <string>

#include "cli/packets/names.h"
#include "cli/packets/walk.h"

namespace skiff::cli {

enum class WalkDetail { kPlaces, kPoints };  // a line for each place, or for each point

// The packet, then where it was, indented:
//   12:01:02.345678 shop/client:40122 -> shop/web:80 TCP SYN len 74
//     +0.0us   node-1  socket of shop/client            shop/web:80 becomes shop/web-1:8080
//     (chosen) +9.1us   node-1  in shop/client eth0              netfilter output 0.8us,
//     postrouting 0.3us, sent +14.0us  node-1  from pod shop/client (veth1)     redirected +31.2us
//     node-2  from device eth0                 redirected
std::string print(const Walk& walk, const ClusterNames& names,
                  WalkDetail detail = WalkDetail::kPlaces);

// "from pod", "to device", …
std::string hook_name(uint8_t hook);
// "goes on", "redirected", "lost: no_route".
std::string verdict_name(int32_t verdict);
// The same of a hook's, which may have carried it across (ADR 0041): "carried across as it came".
std::string verdict_name(const Sighting& step);

}  // namespace skiff::cli
