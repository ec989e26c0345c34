// SPDX-License-Identifier: Apache-2.0
// The frames by which a node says that an address is to be reached at its MAC: ARP (RFC 826, 5227)
// and Neighbour Discovery (RFC 4861). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agent/net/link.h"
#include "base/ip.h"

namespace skiff::proxy {

using Frame = std::vector<uint8_t>;

// Somebody asks who has `wanted`.
struct NeighbourQuestion {
  IpAddress wanted;
  IpAddress asker;  // unspecified: it looks whether the address is free
  net::MacAddress asker_mac{};
};

// Nothing if `frame` is no well-formed question.
std::optional<NeighbourQuestion> parse_arp(std::span<const uint8_t> frame);
std::optional<NeighbourQuestion> parse_solicitation(std::span<const uint8_t> frame);

// "`question.wanted` is at `mac`", to the asker.
Frame answer(const NeighbourQuestion& question, const net::MacAddress& mac);
// The same to everybody on the segment, unasked: they replace what they remember.
Frame announcement(const IpAddress& address, const net::MacAddress& mac);

}  // namespace skiff::proxy
