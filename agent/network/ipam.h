// SPDX-License-Identifier: Apache-2.0
// Pod addresses of this node. Pure: what is taken comes from the attachments (journal.h), nothing
// is kept on disk here.
#pragma once

#include <span>
#include <unordered_set>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace skiff::network {

// The addresses of one range. Hands them out round robin, so that an address just given back rests
// as long as possible: clients that still hold it would otherwise reach a stranger. The network
// address, the first address (kept for the node itself) and the IPv4 broadcast address are never
// handed out.
class IpamPool {
 public:
  explicit IpamPool(const Cidr& range);

  // ResourceExhausted when every address is taken.
  Result<IpAddress> allocate();
  // Takes `address`; false if it is taken already or not one of this pool's.
  bool reserve(const IpAddress& address);
  void release(const IpAddress& address);
  // The next allocation starts behind `address`.
  void continue_after(const IpAddress& address);

  const Cidr& range() const { return range_; }
  uint64_t capacity() const { return end_ - kFirst; }
  uint64_t used() const { return taken_.size(); }

 private:
  static constexpr uint64_t kFirst = 2;

  // Offset from the range's base, or 0 (never handed out) if it is none of this pool's.
  uint64_t offset_of(const IpAddress& address) const;

  Cidr range_;
  uint64_t end_ = 0;  // one past the last offset
  uint64_t next_ = kFirst;
  std::unordered_set<uint64_t> taken_;
};

// One pool per range of the node: a pod gets an address of each.
class Ipam {
 public:
  // `ranges`: one per family. Addresses in use stay taken where the new ranges hold them.
  Status set_ranges(std::span<const Cidr> ranges);
  bool ready() const { return !pools_.empty(); }

  // All or nothing.
  Result<std::vector<IpAddress>> allocate();
  void reserve(std::span<const IpAddress> addresses);
  void release(std::span<const IpAddress> addresses);
  void continue_after(std::span<const IpAddress> addresses);

  std::vector<Cidr> ranges() const;
  const std::vector<IpamPool>& pools() const { return pools_; }

 private:
  std::vector<IpamPool> pools_;
  std::unordered_set<IpAddress>
      reserved_;  // also those outside the ranges, for ranges that come later
};

}  // namespace skiff::network
