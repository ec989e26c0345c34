// SPDX-License-Identifier: Apache-2.0
// Frames made and read by hand: what `skiff why` asks the programs with, and what came of it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace skiff::trace {

struct SyntheticPacket {
  IpAddress source;
  IpAddress destination;  // of the same family
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t protocol = 6;  // TCP: a SYN; UDP: one byte; anything else: an echo request
  std::array<uint8_t, 6> source_mac{};
  std::array<uint8_t, 6> destination_mac{};
};

// An Ethernet frame with its checksums.
std::string make_frame(const SyntheticPacket& packet);

// "10.0.0.1:40000 -> 10.0.0.2:80 TCP SYN", "… ICMP port unreachable", or why it cannot be read.
std::string describe_frame(std::string_view frame);

}  // namespace skiff::trace
