// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/service_allocator.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/codec.h"

namespace skiff::apiserver {

const char* family_of(const IpAddress& address) {
  return address.is_v4() ? "IPv4" : "IPv6";
}

uint64_t AddressRange::size() const {
  const int bits = (range_.is_v4() ? 32 : 128) - range_.prefix();
  return uint64_t{1} << std::min(bits, 20);  // as many as anybody needs
}

Refusal AddressRange::take(const IpAddress& address) {
  if (!range_.contains(address) || address == range_.base())
    return fmt::format(
        "the provided IP ({}) is not in the valid range. The range of valid IPs is {}",
        address.to_string(), range_.to_string());
  if (!used_.insert(address).second) return "provided IP is already allocated";
  return {};
}

std::optional<IpAddress> AddressRange::take_any() {
  const uint64_t count = size();
  for (uint64_t tried = 0; tried < count; ++tried) {
    const uint64_t offset = (next_ + tried) % count;
    if (offset == 0 || offset + 1 == count) continue;  // network and broadcast
    const IpAddress address = range_.base().plus(offset);
    if (!used_.insert(address).second) continue;
    next_ = offset + 1;
    return address;
  }
  return std::nullopt;
}

Refusal PortPool::take(int32_t port) {
  if (!range_.contains(static_cast<uint32_t>(port)))
    return fmt::format("provided port is not in the valid range. The range of valid ports is {}-{}",
                       range_.first, range_.last);
  if (!used_.insert(port).second) return "provided port is already allocated";
  return {};
}

std::optional<int32_t> PortPool::take_any() {
  const auto count = static_cast<int32_t>(range_.size());
  for (int32_t tried = 0; tried < count; ++tried) {
    const int32_t port = range_.first + (next_ - range_.first + tried) % count;
    if (!used_.insert(port).second) continue;
    next_ = port == range_.last ? range_.first : port + 1;
    return port;
  }
  return std::nullopt;
}

AddressRange* ServiceAllocator::range_of(std::string_view family) {
  for (AddressRange& range : ranges)
    if (family == family_of(range.range().base())) return &range;
  return nullptr;
}

Status ServiceAllocator::restore(const store::Store& store) {
  ASSIGN_OR_RETURN(const store::Snapshot snapshot,
                   store.list({.prefix = store::registry_prefix("services")}));
  for (const store::RecordPtr& record : snapshot.records) {
    ASSIGN_OR_RETURN(const auto service, api::decode_json<api::Service>(*record->value),
                     "stored service");
    for (const std::string& text : service.spec.clusterIPs) {
      const auto address = IpAddress::parse(text);
      AddressRange* range = address.ok() ? range_of(family_of(*address)) : nullptr;
      if (range != nullptr)
        (void)range->take(*address);  // a range changed since: the Service keeps its address
    }
    for (const api::ServicePort& port : service.spec.ports)
      if (port.nodePort != 0) (void)ports.take(port.nodePort);
    if (service.spec.healthCheckNodePort != 0) (void)ports.take(service.spec.healthCheckNodePort);
  }
  return absl::OkStatus();
}

void ServiceAllocator::release(const api::Service& service) {
  for (const std::string& text : service.spec.clusterIPs) {
    const auto address = IpAddress::parse(text);
    AddressRange* range = address.ok() ? range_of(family_of(*address)) : nullptr;
    if (range != nullptr) range->release(*address);
  }
  for (const api::ServicePort& port : service.spec.ports) ports.release(port.nodePort);
  ports.release(service.spec.healthCheckNodePort);
}

}  // namespace skiff::apiserver
