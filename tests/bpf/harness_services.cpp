// SPDX-License-Identifier: Apache-2.0
// Services in the maps of a harness, as the agent would write them.
#include <algorithm>

#include "tests/bpf/harness.h"

namespace skiff::testing {

using datapath::Backend;
using datapath::from_abi;
using datapath::to_abi;

namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

std::vector<Backend> sorted(const std::vector<std::pair<std::string, uint16_t>>& list) {
  std::vector<Backend> backends;
  for (const auto& [address, port] : list) {
    backends.push_back({.address = to_abi(ip(address)), .port = datapath::port_be(port)});
  }
  std::ranges::sort(backends, [](const Backend& a, const Backend& b) {
    return std::pair(from_abi(a.address), datapath::port_of(a.port)) <
           std::pair(from_abi(b.address), datapath::port_of(b.port));
  });
  return backends;
}

datapath::FrontendKey key_of(const Harness::Service& service) {
  datapath::FrontendKey key = {.port = datapath::port_be(service.port),
                               .protocol = service.protocol,
                               .scope = service.scope};
  const bool v4 = service.backends.empty() || ip(service.backends[0].first).is_v4();
  key.address =
      service.address.empty() ? datapath::node_port_address(v4) : to_abi(ip(service.address));
  return key;
}

}  // namespace

Status Harness::put_backends(const Service& service) {
  uint32_t slot = service.base;
  for (const Backend& backend : sorted(service.backends)) {
    RETURN_IF_ERROR(maps().backends->put(slot++, backend));
  }
  for (Backend& backend : sorted(service.draining)) {
    if (service.draining_unready) backend.flags = SKIFF_BACKEND_UNREADY;
    RETURN_IF_ERROR(maps().backends->put(slot++, backend));
  }
  return {};
}

Status Harness::add_service(const Service& service) {
  RETURN_IF_ERROR(put_backends(service));
  for (const std::string& text : service.source_ranges) {
    const datapath::RangeKey range = to_abi(Cidr::parse(text).value());
    RETURN_IF_ERROR(maps().source_ranges->put(
        {.prefix_bits = 32 + range.prefix_bits, .service_id = service.id, .address = range.address},
        1));
  }
  return maps().frontends->put(key_of(service),
                               {.service_id = service.id,
                                .base = service.base,
                                .count = static_cast<uint32_t>(service.backends.size()),
                                .generation = service.generation,
                                .affinity_seconds = service.affinity_seconds,
                                .flags = service.flags,
                                .draining = static_cast<uint32_t>(service.draining.size()),
                                .maglev_base = service.maglev_base,
                                .maglev_size = service.maglev_size,
                                .pad = 0});
}

Status Harness::set_device_addresses(bool present) {
  datapath::Device device = {};
  if (present) device = {to_abi(node_address(true)), to_abi(node_address(false))};
  return maps().devices->put(static_cast<uint32_t>(device_ifindex_), device);
}

}  // namespace skiff::testing
