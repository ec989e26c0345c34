// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/pcapng.h"

#include <algorithm>
#include <cstring>

namespace skiff::trace {
namespace {

constexpr uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kNameResolution = 4;
constexpr uint32_t kInterfaceStatistics = 5;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr uint16_t kEthernet = 1;  // LINKTYPE_ETHERNET
constexpr size_t kLongestOption = 65535;

constexpr uint16_t kComment = 1;
constexpr uint16_t kHardware = 2, kOs = 3, kApplication = 4;          // of a section
constexpr uint16_t kName = 2, kDescription = 3, kTimeResolution = 9;  // of an interface
constexpr uint16_t kFlags = 2, kPacketId = 5, kVerdict = 7;           // of a packet
constexpr uint16_t kReceived = 4, kDropped = 5;                       // of statistics
constexpr uint16_t kIpv4Record = 1, kIpv6Record = 2;                  // of names
constexpr char kVerdictOfTc = 1;
constexpr char kNanoseconds = 9;  // ten to the minus nine

template <class T>
void put(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  bytes.append(raw, sizeof(T));
}

void pad(std::string& bytes) {
  while (bytes.size() % 4 != 0) bytes += '\0';
}

void option(std::string& bytes, uint16_t code, std::string_view value) {
  value = value.substr(0, kLongestOption);
  put(bytes, code);
  put(bytes, static_cast<uint16_t>(value.size()));
  bytes += value;
  pad(bytes);
}

void text_option(std::string& bytes, uint16_t code, std::string_view value) {
  if (!value.empty()) option(bytes, code, value);
}

template <class T>
void number_option(std::string& bytes, uint16_t code, T value) {
  std::string raw;
  put(raw, value);
  option(bytes, code, raw);
}

void end_options(std::string& bytes) {
  put<uint32_t>(bytes, 0);
}

std::string block(uint32_t type, const std::string& body) {
  const auto length = static_cast<uint32_t>(body.size() + 12);
  std::string bytes;
  put(bytes, type);
  put(bytes, length);
  bytes += body;
  put(bytes, length);
  return bytes;
}

// High half first, whatever the byte order.
void timestamp(std::string& bytes, TimePoint time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  const auto nanoseconds = static_cast<uint64_t>(since.count());
  put(bytes, static_cast<uint32_t>(nanoseconds >> 32));
  put(bytes, static_cast<uint32_t>(nanoseconds));
}

}  // namespace

std::string encode(const PcapngHeader& header) {
  std::string body;
  put(body, kByteOrderMagic);
  put<uint16_t>(body, 1);
  put<uint16_t>(body, 0);
  put<int64_t>(body, -1);  // the length of the section is not known
  text_option(body, kComment, header.comment);
  text_option(body, kHardware, header.hardware);
  text_option(body, kOs, header.os);
  text_option(body, kApplication, header.application);
  end_options(body);
  return block(kSectionHeader, body);
}

std::string encode(const PcapngInterface& interface) {
  std::string body;
  put(body, kEthernet);
  put<uint16_t>(body, 0);
  put(body, interface.snap);
  text_option(body, kComment, interface.comment);
  text_option(body, kName, interface.name);
  text_option(body, kDescription, interface.description);
  option(body, kTimeResolution, {&kNanoseconds, 1});
  end_options(body);
  return block(kInterfaceDescription, body);
}

std::string encode(const PcapngPacket& packet) {
  std::string body;
  put(body, packet.interface);
  timestamp(body, packet.time);
  put(body, static_cast<uint32_t>(packet.bytes.size()));
  put(body, std::max(packet.length, static_cast<uint32_t>(packet.bytes.size())));
  body += packet.bytes;
  pad(body);
  text_option(body, kComment, packet.comment);
  if (packet.direction != PcapngDirection::kUnknown)
    number_option(body, kFlags, static_cast<uint32_t>(packet.direction));
  if (packet.id != 0) number_option(body, kPacketId, packet.id);
  if (packet.tc_verdict) {
    std::string verdict(1, kVerdictOfTc);
    put(verdict, *packet.tc_verdict);
    option(body, kVerdict, verdict);
  }
  end_options(body);
  return block(kEnhancedPacket, body);
}

std::string encode(const std::vector<PcapngName>& names) {
  std::string body;
  for (const PcapngName& name : names) {
    const auto& all = name.address.bytes();
    const bool v4 = name.address.is_v4();
    std::string record(reinterpret_cast<const char*>(all.data()) + (v4 ? 12 : 0), v4 ? 4 : 16);
    record += name.name;
    record += '\0';
    option(body, v4 ? kIpv4Record : kIpv6Record, record);
  }
  put<uint32_t>(body, 0);  // end of records
  return block(kNameResolution, body);
}

std::string encode(const PcapngStatistics& statistics) {
  std::string body;
  put(body, statistics.interface);
  timestamp(body, statistics.time);
  number_option(body, kReceived, statistics.received);
  number_option(body, kDropped, statistics.dropped);
  end_options(body);
  return block(kInterfaceStatistics, body);
}

}  // namespace skiff::trace
