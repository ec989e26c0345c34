// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/walk.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace skiff::cli {
namespace {

// Between a socket's choice and the first packet that goes there: a handshake of neighbours is in
// it.
constexpr auto kSocketWindow = std::chrono::milliseconds(500);

bool same(const skiff_tuple& a, const skiff_tuple& b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

bool been_at(const Walk& walk, const Sighting& sighting) {
  const skiff_tap_event& next = sighting.packet.event;
  return std::ranges::any_of(walk.steps, [&](const Sighting& step) {
    const skiff_tap_event& event = step.packet.event;
    return step.node == sighting.node && event.header.hook == next.header.hook &&
           event.point == next.point && step.place.number == sighting.place.number;
  });
}

// The kernel of the node follows it by where its bytes are.
bool is_followed(const Walk& walk, const Sighting& next) {
  return next.packet.event.packet != 0 &&
         std::ranges::any_of(walk.steps, [&](const Sighting& step) {
           return step.node == next.node && step.packet.event.packet == next.packet.event.packet;
         });
}

// A segment that waits to be sent again has no IP header yet.
bool same_identification(const Sighting& last, const Sighting& next) {
  return last.packet.event.point == SKIFF_POINT_RETRANSMIT ||
         last.packet.event.ip_identification == next.packet.event.ip_identification;
}

bool continues(const Walk& walk, const Sighting& next, std::chrono::nanoseconds window) {
  if (walk.steps.empty()) return false;
  const Sighting& last = walk.steps.back();
  if (next.packet.time - last.packet.time > window) return false;
  if (is_followed(walk, next)) return true;
  const skiff_tap_event& event = next.packet.event;
  const bool fits =
      same(last.leaves(), event.before) || (next.is_point() && same(last.leaves(), next.leaves()));
  return last.packet.event.verdict >= 0 && fits &&
         last.packet.event.tcp_sequence == event.tcp_sequence && same_identification(last, next) &&
         !been_at(walk, next);
}

// The program told why it dropped the packet; that the kernel freed it then is no news.
bool is_echo_of_loss(const Walk& walk, const Sighting& next) {
  return next.packet.event.point == SKIFF_POINT_DROPPED && !walk.steps.empty() &&
         walk.steps.back().packet.event.verdict < 0;
}

bool is_refused(const SocketSighting& one) {
  return datapath::from_abi(one.socket.given.destination).is_unspecified();
}

bool begins_with(const Walk& walk, const SocketSighting& one) {
  if (walk.socket || walk.steps.empty()) return false;
  const Sighting& first = walk.steps.front();
  const skiff_tuple& given = one.socket.given;
  const skiff_tuple& tuple = first.packet.event.before;
  const auto later = first.packet.time - one.socket.time;
  return first.node == one.node && later >= std::chrono::nanoseconds(0) && later <= kSocketWindow &&
         given.protocol == tuple.protocol && given.destination_port == tuple.destination_port &&
         std::memcmp(&given.destination, &tuple.destination, sizeof(given.destination)) == 0;
}

TimePoint begin_of(const Walk& walk) {
  return walk.socket ? walk.socket->socket.time : walk.steps.front().packet.time;
}

bool is_read(const Sighting& step) {
  return step.is_point() && step.packet.event.point == SKIFF_POINT_READ;
}

// Bytes of the segment that begins with this walk's, and of those behind it, that were read so far.
uint32_t bytes_read(const Walk& walk) {
  uint32_t bytes = 0;
  for (const Sighting& step : walk.steps)
    if (is_read(step) && !step.shared) bytes += step.packet.event.reason;
  return bytes;
}

// `read` was of a segment before this one, and reached it.
bool was_reached(const Walk& walk, const Sighting& read, uint32_t bytes,
                 std::chrono::nanoseconds window) {
  const Sighting& last = walk.steps.back();
  const uint32_t distance = last.packet.event.tcp_sequence - read.packet.event.tcp_sequence;
  return last.node == read.node && !is_read(last) &&
         read.packet.time - last.packet.time <= window && same(last.leaves(), read.leaves()) &&
         distance > 0 && distance < bytes &&
         std::ranges::any_of(
             walk.steps,
             [](const Sighting& step) { return step.packet.event.header.payload != 0; });
}

void share_read(std::vector<Walk>& walks, const Walk& own, std::chrono::nanoseconds window) {
  const Sighting read = own.steps.back();
  if (!is_read(read) || read.shared || read.packet.event.after.protocol != IPPROTO_TCP) return;
  const uint32_t bytes = bytes_read(own);
  for (Walk& walk : walks) {
    if (!was_reached(walk, read, bytes, window)) continue;
    const skiff_tap_event& last = walk.steps.back().packet.event;
    Sighting shared = read;
    shared.shared = true;
    shared.packet.event.packet = 0;  // it is followed as the other
    shared.packet.event.tcp_sequence = last.tcp_sequence;
    shared.packet.event.ip_identification = last.ip_identification;
    shared.packet.note = "together with a segment before it";
    walk.steps.push_back(std::move(shared));
  }
}

// A reader that takes a packet by pieces has read it with the first.
void drop_further_reads(Walk& walk) {
  const auto further = std::ranges::unique(walk.steps, [](const Sighting& a, const Sighting& b) {
    return is_read(a) && is_read(b) && a.node == b.node;
  });
  walk.steps.erase(further.begin(), further.end());
}

// What the packet's last reader let go of is its end, and otherwise no news.
void drop_early_ends(Walk& walk) {
  if (walk.steps.empty()) return;
  const Sighting last = walk.steps.back();
  std::erase_if(walk.steps, [](const Sighting& step) {
    return step.packet.event.point == SKIFF_POINT_CONSUMED;
  });
  if (walk.steps.empty()) walk.steps.push_back(last);
}

}  // namespace

std::vector<Walk> join(Sightings sightings, std::chrono::nanoseconds window) {
  std::ranges::sort(sightings.packets, {}, [](const Sighting& one) { return one.packet.time; });
  std::vector<Walk> walks;
  for (Sighting& sighting : sightings.packets) {
    auto walk = std::ranges::find_if(
        walks, [&](const Walk& one) { return continues(one, sighting, window); });
    if (walk == walks.end()) {
      if (sighting.shared) continue;  // its walk has found it again
      walk = walks.emplace(walk);
    } else if (is_echo_of_loss(*walk, sighting)) {
      continue;
    }
    walk->steps.push_back(std::move(sighting));
    share_read(walks, *walk, window);
  }
  for (SocketSighting& socket : sightings.sockets) {
    const auto walk =
        is_refused(socket) ? walks.end() : std::ranges::find_if(walks, [&](const Walk& one) {
          return begins_with(one, socket);
        });
    if (walk != walks.end())
      walk->socket = std::move(socket);
    else
      walks.push_back({.socket = std::move(socket), .steps = {}});
  }
  for (Walk& walk : walks) {
    drop_early_ends(walk);
    drop_further_reads(walk);
  }
  std::ranges::sort(walks, {}, begin_of);
  return walks;
}

std::vector<Walk> take_settled(Sightings& waiting, std::chrono::steady_clock::time_point before) {
  std::vector<Walk> settled;
  for (Walk& walk : join(std::exchange(waiting, {}))) {
    const bool over = (!walk.socket || walk.socket->arrived <= before) &&
                      std::ranges::all_of(
                          walk.steps, [&](const Sighting& step) { return step.arrived <= before; });
    if (over) {
      settled.push_back(std::move(walk));
      continue;
    }
    if (walk.socket) waiting.sockets.push_back(*std::move(walk.socket));
    std::ranges::move(walk.steps, std::back_inserter(waiting.packets));
  }
  return settled;
}

}  // namespace skiff::cli
