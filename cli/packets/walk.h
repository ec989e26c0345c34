// SPDX-License-Identifier: Apache-2.0
// One packet's path: what the hooks of all nodes and the points of their kernels saw of it, in
// order, joined through translations. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/trace/tap_wire.h"
#include "bpf/abi/overlay.h"

namespace skiff::cli {

// A packet at one place of one node.
struct Sighting {
  std::string node;
  trace::TapPlace place;
  trace::TapPacket packet;
  std::chrono::steady_clock::time_point arrived;  // here, from its node
  bool shared = false;  // the read of a segment before it, which the kernel made one with it

  bool is_point() const { return packet.event.header.hook == SKIFF_HOOK_OTHER; }
  // Sent to the node of the backend as it came: `after` is what that node makes of it (ADR 0041).
  bool is_carried() const {
    return !is_point() && packet.event.mark == SKIFF_CARRIED_MARK && packet.event.verdict >= 0;
  }
  // As it is at the end of the step; without the overlay around it.
  const skiff_tuple& leaves() const {
    return packet.event.wrapped != 0 || is_carried() ? packet.event.before : packet.event.after;
  }
};

// A socket that asked for a Service.
struct SocketSighting {
  std::string node;
  trace::TapSocket socket;
  std::chrono::steady_clock::time_point arrived;
};

struct Walk {
  std::optional<SocketSighting> socket;  // where the first packet of a connection comes from
  std::vector<Sighting> steps;           // as they happened
};

// What has come and is not told yet.
struct Sightings {
  std::vector<Sighting> packets;
  std::vector<SocketSighting> sockets;

  bool empty() const { return packets.empty() && sockets.empty(); }
};

// A sighting continues the walk that its node says it belongs to, or whose last step left as it
// came: same tuple, same TCP sequence number and IP identification where there are any, within
// `window`, and not at a place of a node it has been at (that is the packet sent again). A socket
// that was given a backend begins the walk of the first packet that goes there; one that was
// refused is a walk by itself. Segments of TCP that wait for their reader become one packet, the
// first's: how many bytes were read says which others were. Walks come out in the order they began.
std::vector<Walk> join(Sightings sightings,
                       std::chrono::nanoseconds window = std::chrono::seconds(1));

// Takes out of `waiting` the walks of which no step arrived after `before`; the others' sightings
// stay, so that what goes on all the time is told as well.
std::vector<Walk> take_settled(Sightings& waiting, std::chrono::steady_clock::time_point before);

}  // namespace skiff::cli
