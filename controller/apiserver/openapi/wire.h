// SPDX-License-Identifier: Apache-2.0
// Writes the wire format of protobuf, from the inside out: a message is a string that its parent
// holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skiff::openapi {

// One message. Fields are appended in the order of the calls.
class Message {
 public:
  Message& bytes(uint32_t field, std::string_view value) {
    varint(field << 3 | kLengthDelimited);
    varint(value.size());
    out_ += value;
    return *this;
  }
  Message& message(uint32_t field, const Message& value) { return bytes(field, value.out_); }
  Message& boolean(uint32_t field, bool value) {
    varint(field << 3 | kVarint);
    varint(value ? 1 : 0);
    return *this;
  }
  std::string finish() && { return std::move(out_); }

 private:
  static constexpr uint32_t kVarint = 0, kLengthDelimited = 2;

  void varint(uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    out_ += static_cast<char>(value);
  }

  std::string out_;
};

}  // namespace skiff::openapi
