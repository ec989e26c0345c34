// SPDX-License-Identifier: Apache-2.0
// Whole Ethernet frames of one kind, in and out of one device (AF_PACKET).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agent/net/link.h"
#include "base/unique_fd.h"

namespace skiff::net {

enum class FrameKind : uint8_t {
  kArp,
  kNeighbourSolicitation,  // of IPv6; the device then also hears multicast that nobody joined
};

class PacketSocket {
 public:
  // In the namespace of the calling thread. Non-blocking.
  static Result<PacketSocket> open(int link_index, FrameKind kind);

  // The next frame, header included; nothing if none waits.
  Result<std::optional<std::vector<uint8_t>>> receive();
  // A whole frame, header included.
  Status send(std::span<const uint8_t> frame);
  int fd() const { return fd_.get(); }

 private:
  PacketSocket(UniqueFd fd, int link_index) : fd_(std::move(fd)), link_index_(link_index) {}

  UniqueFd fd_;
  int link_index_;
};

}  // namespace skiff::net
