// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/tap_wire.h"

#include <cstring>

namespace skiff::trace {
namespace {

constexpr size_t kHeader = 5;  // length of the payload, kind
constexpr uint32_t kLongest = 64 * 1024;
enum Kind : char { kPlace = 'I', kPacket = 'P', kEnd = 'E' };

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

char write(const TapPlace& place, std::string& bytes) {
  put(bytes, place.number);
  put_text(bytes, place.interface);
  put_text(bytes, place.pod);
  return kPlace;
}

char write(const TapPacket& packet, std::string& bytes) {
  const auto since =
      std::chrono::duration_cast<std::chrono::nanoseconds>(packet.time.time_since_epoch());
  put<int64_t>(bytes, since.count());
  put(bytes, packet.place);
  put(bytes, packet.event);
  bytes += packet.bytes;
  return kPacket;
}

char write(const TapEnd& end, std::string& bytes) {
  put(bytes, end.packets);
  put(bytes, end.lost);
  put_text(bytes, end.reason);
  return kEnd;
}

Result<std::optional<TapMessage>> read(char kind, std::string_view payload) {
  if (kind == kPlace) {
    TapPlace place;
    if (take(payload, place.number) && take_text(payload, place.interface) &&
        take_text(payload, place.pod))
      return place;
  } else if (kind == kPacket) {
    TapPacket packet;
    int64_t nanoseconds = 0;
    if (take(payload, nanoseconds) && take(payload, packet.place) && take(payload, packet.event)) {
      packet.time = TimePoint(std::chrono::nanoseconds(nanoseconds));
      packet.bytes = payload;
      return packet;
    }
  } else if (kind == kEnd) {
    TapEnd end;
    if (take(payload, end.packets) && take(payload, end.lost) && take_text(payload, end.reason))
      return end;
  }
  return data_loss("not a stream of tapped packets");
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
