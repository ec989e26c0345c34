// SPDX-License-Identifier: Apache-2.0
// Packets on their way to the node of the backend that another node chose (bpf/lib/carry.h).
#pragma once

#include <cstring>

#include "tests/bpf/world.h"

namespace skiff::testing {

// What the programs compute, written a second time.
inline uint32_t backend_hash(const IpAddress& address, uint16_t port) {
  const datapath::Address bytes = datapath::to_abi(address);
  uint32_t words[4];
  std::memcpy(words, &bytes, sizeof(words));
  uint32_t hash = datapath::port_be(port);
  for (uint32_t word : words) {
    word *= 0xcc9e2d51;
    word = word << 15 | word >> 17;
    hash ^= word * 0x1b873593;
    hash = hash << 13 | hash >> 19;
    hash = hash * 5 + 0xe6546b64;
  }
  return hash ^ hash >> 15;
}

inline datapath::MacAddress mac_of(uint32_t value) {
  return {0x02,
          0,
          static_cast<uint8_t>(value >> 24),
          static_cast<uint8_t>(value >> 16),
          static_cast<uint8_t>(value >> 8),
          static_cast<uint8_t>(value)};
}
// With the backend's hash and its slot where MAC addresses were.
inline Builder carried(Builder builder, const char* backend, uint16_t port, uint32_t slot = 0) {
  const uint32_t hash = backend_hash(IpAddress::parse(backend).value(), port);
  return builder.macs(mac_of(hash), mac_of(slot)).hop_limit(63);
}
// Refused where it was carried to: the frame turned round, on its way to a neighbour.
inline Builder refused(Builder builder, const char* backend, uint16_t port) {
  const uint32_t hash = backend_hash(IpAddress::parse(backend).value(), port);
  return builder.macs(mac_of(0), mac_of(hash)).hop_limit(63);
}

}  // namespace skiff::testing
