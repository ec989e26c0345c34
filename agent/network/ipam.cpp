// SPDX-License-Identifier: Apache-2.0
#include "agent/network/ipam.h"

namespace skiff::network {
namespace {

// Offsets above are not used: an IPv6 /64 is far larger than any node.
constexpr unsigned kMaxHostBits = 32;

}  // namespace

IpamPool::IpamPool(const Cidr& range) : range_(range) {
  const unsigned host_bits = std::min(128u - range.mapped_prefix(), kMaxHostBits);
  const uint64_t size = uint64_t{1} << host_bits;
  end_ = std::max(kFirst, range.is_v4() ? size - 1 : size);
}

Result<IpAddress> IpamPool::allocate() {
  if (used() >= capacity())
    return resource_exhausted("all {} addresses of {} are in use", capacity(), range_.to_string());
  while (!taken_.insert(next_).second) next_ = next_ + 1 < end_ ? next_ + 1 : kFirst;
  const IpAddress address = range_.base().plus(next_);
  next_ = next_ + 1 < end_ ? next_ + 1 : kFirst;
  return address;
}

bool IpamPool::reserve(const IpAddress& address) {
  const uint64_t offset = offset_of(address);
  return offset != 0 && taken_.insert(offset).second;
}

void IpamPool::release(const IpAddress& address) {
  taken_.erase(offset_of(address));
}

void IpamPool::continue_after(const IpAddress& address) {
  const uint64_t offset = offset_of(address);
  if (offset != 0) next_ = offset + 1 < end_ ? offset + 1 : kFirst;
}

uint64_t IpamPool::offset_of(const IpAddress& address) const {
  if (!range_.contains(address)) return 0;
  uint64_t offset = 0;
  for (size_t i = 8; i < 16; ++i) {
    const auto bits = static_cast<uint8_t>(address.bytes()[i] ^ range_.base().bytes()[i]);
    offset = offset << 8 | bits;
  }
  return offset >= kFirst && offset < end_ ? offset : 0;
}

Status Ipam::set_ranges(std::span<const Cidr> ranges) {
  std::vector<IpamPool> pools;
  for (const Cidr& range : ranges) {
    IpamPool pool(range);
    if (pool.capacity() == 0)
      return invalid_argument("pod range {} holds no usable address", range.to_string());
    for (const IpamPool& other : pools)
      if (other.range().is_v4() == range.is_v4())
        return invalid_argument("pod ranges {} and {} are of one family", other.range().to_string(),
                                range.to_string());
    for (const IpAddress& address : reserved_) pool.reserve(address);
    pools.push_back(std::move(pool));
  }
  if (pools.empty()) return invalid_argument("no pod range");
  pools_ = std::move(pools);
  return absl::OkStatus();
}

Result<std::vector<IpAddress>> Ipam::allocate() {
  std::vector<IpAddress> addresses;
  for (IpamPool& pool : pools_) {
    Result<IpAddress> address = pool.allocate();
    if (!address.ok()) {
      release(addresses);
      return address.status();
    }
    addresses.push_back(*address);
    reserved_.insert(*address);
  }
  return addresses;
}

void Ipam::reserve(std::span<const IpAddress> addresses) {
  for (const IpAddress& address : addresses) {
    reserved_.insert(address);
    for (IpamPool& pool : pools_) pool.reserve(address);
  }
}

void Ipam::release(std::span<const IpAddress> addresses) {
  for (const IpAddress& address : addresses) {
    reserved_.erase(address);
    for (IpamPool& pool : pools_) pool.release(address);
  }
}

void Ipam::continue_after(std::span<const IpAddress> addresses) {
  for (const IpAddress& address : addresses)
    for (IpamPool& pool : pools_) pool.continue_after(address);
}

std::vector<Cidr> Ipam::ranges() const {
  std::vector<Cidr> ranges;
  for (const IpamPool& pool : pools_) ranges.push_back(pool.range());
  return ranges;
}

}  // namespace skiff::network
