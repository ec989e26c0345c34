// SPDX-License-Identifier: Apache-2.0
// The addresses and node ports that Services hold. In memory, rebuilt from the store at start; the
// store is the truth.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "api/core/service.h"
#include "base/ip.h"
#include "base/port_range.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

// Why something could not be taken, in Kubernetes' words; empty: it was.
using Refusal = std::string;

class AddressRange {
 public:
  explicit AddressRange(Cidr range) : range_(range) {}
  const Cidr& range() const { return range_; }
  Refusal take(const IpAddress& address);
  // Nothing if the range is full. The first addresses are left for those who ask for them by name.
  std::optional<IpAddress> take_any();
  void release(const IpAddress& address) { used_.erase(address); }

 private:
  uint64_t size() const;

  Cidr range_;
  uint64_t next_ = kFirstDynamic;
  std::set<IpAddress> used_;
  static constexpr uint64_t kFirstDynamic = 32;
};

class PortPool {
 public:
  explicit PortPool(const PortRange& range) : range_(range), next_(range.first) {}
  Refusal take(int32_t port);
  std::optional<int32_t> take_any();
  void release(int32_t port) { used_.erase(port); }

 private:
  PortRange range_;
  int32_t next_;
  std::set<int32_t> used_;
};

struct ServiceAllocator {
  std::vector<AddressRange> ranges;  // the first is of the default family; at most one a family
  PortPool ports{kNodePorts};

  AddressRange* range_of(std::string_view family);  // "IPv4" or "IPv6"; null: not served
  // Takes what every stored Service has.
  Status restore(const store::Store& store);
  void release(const api::Service& service);
};

// "IPv4" or "IPv6".
const char* family_of(const IpAddress& address);

}  // namespace skiff::apiserver
