// SPDX-License-Identifier: Apache-2.0
// Packets as a pcapng file (draft-ietf-opsawg-pcapng): every block is one function, its bytes in
// the machine's order, times in nanoseconds. Pure. A file is a header, then blocks in any order, an
// interface before its packets; it may end anywhere, and be read while it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"

namespace skiff::trace {

struct PcapngHeader {
  std::string hardware;
  std::string os;
  std::string application;
  std::string comment;
};

// The first is number 0, the next 1. Always Ethernet: readers refuse files of mixed link types.
struct PcapngInterface {
  std::string name;         // "node-1/default/web-1:eth0"
  std::string description;  // for people
  std::string comment;
  uint32_t snap = 0;  // 0: no limit
};

enum class PcapngDirection : uint8_t { kUnknown = 0, kInbound = 1, kOutbound = 2 };

struct PcapngPacket {
  uint32_t interface = 0;
  TimePoint time;
  std::string_view bytes;
  uint32_t length = 0;  // on the wire; at least bytes.size()
  PcapngDirection direction = PcapngDirection::kUnknown;
  std::string comment;
  uint64_t id = 0;                     // the same at every place a packet was seen; 0: none
  std::optional<uint64_t> tc_verdict;  // what the eBPF program returned
};

struct PcapngName {
  IpAddress address;
  std::string name;  // "web-1.shop.pod"
};

struct PcapngStatistics {
  uint32_t interface = 0;
  TimePoint time;
  uint64_t received = 0;
  uint64_t dropped = 0;
};

std::string encode(const PcapngHeader& header);
std::string encode(const PcapngInterface& interface);
std::string encode(const PcapngPacket& packet);
std::string encode(const std::vector<PcapngName>& names);
std::string encode(const PcapngStatistics& statistics);

}  // namespace skiff::trace
