// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/tap_wire.h"

#include <cstring>

namespace skiff::trace {
namespace {

constexpr size_t kHeader = 5;  // length of the payload, kind
constexpr uint32_t kLongest = 64 * 1024;
enum Kind : char { kPlace = 'I', kPacket = 'P', kSocket = 'S', kCoverage = 'C', kTally = 'T' };

template <class T>
void put(std::string& bytes, const T& value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  bytes.append(raw, sizeof(T));
}

// Takes a value off the front; false if there are too few bytes.
template <class T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof(T)) return false;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return true;
}

void put_text(std::string& bytes, std::string_view text) {
  text = text.substr(0, 1024);
  put(bytes, static_cast<uint32_t>(text.size()));
  bytes += text;
}

bool take_text(std::string_view& bytes, std::string& text) {
  uint32_t size = 0;
  if (!take(bytes, size) || size > bytes.size()) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

void put_time(std::string& bytes, TimePoint time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  put<int64_t>(bytes, since.count());
}

bool take_time(std::string_view& bytes, TimePoint& time) {
  int64_t nanoseconds = 0;
  if (!take(bytes, nanoseconds)) return false;
  time = TimePoint(std::chrono::nanoseconds(nanoseconds));
  return true;
}

char write(const TapPlace& place, std::string& bytes) {
  put(bytes, place.number);
  put(bytes, place.inside);
  put_text(bytes, place.interface);
  put_text(bytes, place.pod);
  return kPlace;
}

char write(const TapPacket& packet, std::string& bytes) {
  put_time(bytes, packet.time);
  put(bytes, packet.place);
  put(bytes, packet.event);
  put_text(bytes, packet.note);
  bytes += packet.bytes;
  return kPacket;
}

char write(const TapSocket& socket, std::string& bytes) {
  put_time(bytes, socket.time);
  put(bytes, socket.asked);
  put(bytes, socket.given);
  put_text(bytes, socket.pod);
  put_text(bytes, socket.why);
  return kSocket;
}

char write(const TapCoverage& coverage, std::string& bytes) {
  put_text(bytes, coverage.text);
  return kCoverage;
}

char write(const TapTally& tally, std::string& bytes) {
  for (const uint64_t count : {tally.packets, tally.lost, tally.lost_ring, tally.lost_limit})
    put(bytes, count);
  put_text(bytes, tally.reason);
  return kTally;
}

bool read(std::string_view payload, TapPlace& place) {
  uint8_t inside = 0;
  const bool read = take(payload, place.number) && take(payload, inside) &&
                    take_text(payload, place.interface) && take_text(payload, place.pod);
  place.inside = inside != 0;
  return read;
}

bool read(std::string_view payload, TapPacket& packet) {
  if (!take_time(payload, packet.time) || !take(payload, packet.place) ||
      !take(payload, packet.event) || !take_text(payload, packet.note))
    return false;
  packet.bytes = payload;
  return true;
}

bool read(std::string_view payload, TapSocket& socket) {
  return take_time(payload, socket.time) && take(payload, socket.asked) &&
         take(payload, socket.given) && take_text(payload, socket.pod) &&
         take_text(payload, socket.why);
}

bool read(std::string_view payload, TapCoverage& coverage) {
  return take_text(payload, coverage.text);
}

bool read(std::string_view payload, TapTally& tally) {
  return take(payload, tally.packets) && take(payload, tally.lost) &&
         take(payload, tally.lost_ring) && take(payload, tally.lost_limit) &&
         take_text(payload, tally.reason);
}

template <class Message>
Result<std::optional<TapMessage>> read_as(std::string_view payload) {
  Message message;
  if (!read(payload, message)) return data_loss("not a stream of tapped packets");
  return message;
}

Result<std::optional<TapMessage>> read(char kind, std::string_view payload) {
  switch (kind) {
    case kPlace:
      return read_as<TapPlace>(payload);
    case kPacket:
      return read_as<TapPacket>(payload);
    case kSocket:
      return read_as<TapSocket>(payload);
    case kCoverage:
      return read_as<TapCoverage>(payload);
    case kTally:
      return read_as<TapTally>(payload);
    default:
      return data_loss("not a stream of tapped packets");
  }
}

}  // namespace

std::string encode(const TapMessage& message) {
  std::string payload;
  const char kind = std::visit([&](const auto& one) { return write(one, payload); }, message);
  std::string bytes;
  put(bytes, static_cast<uint32_t>(payload.size()));
  bytes += kind;
  return bytes + payload;
}

Result<std::optional<TapMessage>> TapDecoder::next() {
  std::string_view rest = std::string_view(waiting_).substr(at_);
  uint32_t length = 0;
  if (rest.size() < kHeader) {
    waiting_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  (void)take(rest, length);
  if (length > kLongest) return data_loss("not a stream of tapped packets");
  if (rest.size() - 1 < length) return std::nullopt;
  ASSIGN_OR_RETURN(auto message, read(rest.front(), rest.substr(1, length)));
  at_ += kHeader + length;
  return message;
}

}  // namespace skiff::trace
