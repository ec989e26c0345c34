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
};

struct TapPacket {
  TimePoint time;
  uint32_t place = 0;  // of a TapPlace before it
  skiff_tap_event event{};
  std::string bytes;
};

// The last one.
struct TapEnd {
  uint64_t packets = 0;
  uint64_t lost = 0;  // matched, but could not be kept up with
  std::string reason;
};

using TapMessage = std::variant<TapPlace, TapPacket, TapEnd>;

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
