// SPDX-License-Identifier: Apache-2.0
// Tapped packets on their way from an agent to the command line (GET /taps): frames of a length, a
// kind and a payload, numbers in the machine's order. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agent/trace/event.h"
#include "base/clock.h"
#include "base/result.h"

namespace skiff::trace {

// Where packets are seen from now on by this number.
struct TapPlace {
  uint32_t number = 0;
  std::string interface;  // "eth0"
  std::string pod;        // "namespace/name" whose device or namespace it is; may be empty
  bool inside = false;    // the pod's namespace, not the node's
};

struct TapPacket {
  TimePoint time;
  uint32_t place = 0;  // of a TapPlace before it
  skiff_tap_event event{};
  std::string note;  // where the kernel dropped it, and why; else empty
  std::string bytes;
};

// A socket asked for a Service: where a path begins, before there is a packet.
struct TapSocket {
  TimePoint time;
  std::string pod;      // whose socket; may be empty
  skiff_tuple asked{};  // the source's port is not known yet
  skiff_tuple given{};  // the backend; without address: refused
  std::string why;      // "chosen", "only", … or the reason of the refusal
};

// What a node is able to see, once, first of all.
struct TapCoverage {
  std::string text;
};

// How much came and how much did not, so far: whenever something more was lost, and as the last
// one.
struct TapTally {
  uint64_t packets = 0;
  uint64_t lost = 0;        // this reader was too slow for
  uint64_t lost_ring = 0;   // found no room on their way to the agent
  uint64_t lost_limit = 0;  // were more than a CPU may tell of in a second
  std::string reason;       // why it ended; empty: it goes on

  uint64_t all_lost() const { return lost + lost_ring + lost_limit; }
};

using TapMessage = std::variant<TapPlace, TapPacket, TapSocket, TapCoverage, TapTally>;

std::string encode(const TapMessage& message);

// Cuts a stream into messages, whatever pieces it comes in.
class TapDecoder {
 public:
  void add(std::string_view bytes) { waiting_ += bytes; }
  // Nothing: more bytes are needed. DATA_LOSS if this is no such stream; it stays so.
  Result<std::optional<TapMessage>> next();

 private:
  std::string waiting_;
  size_t at_ = 0;
};

}  // namespace skiff::trace
