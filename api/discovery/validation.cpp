// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "api/discovery/endpoint_slice.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"
#include "base/ip.h"

namespace skiff::api::discovery {
namespace {

using rules::each;

constexpr std::string_view kIpRule =
    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
constexpr size_t kMaxEndpoints = 1000, kMaxEndpointAddresses = 100, kMaxSlicePorts = 20000;

void endpoint_slice(const EndpointSlice& slice, FieldErrors& errors) {
  if (slice.endpoints.size() > kMaxEndpoints) {
    const auto field = errors.at("endpoints");
    return errors.too_many(slice.endpoints.size(), kMaxEndpoints);
  }
  each(errors, "endpoints", slice.endpoints, [&](const Endpoint& endpoint) {
    if (endpoint.addresses.empty() || endpoint.addresses.size() > kMaxEndpointAddresses) {
      const auto field = errors.at("addresses");
      return endpoint.addresses.empty()
                 ? errors.required("must contain at least 1 address")
                 : errors.too_many(endpoint.addresses.size(), kMaxEndpointAddresses);
    }
    each(errors, "addresses", endpoint.addresses, [&](const std::string& address) {
      if (slice.addressType == "FQDN")
        return errors.unless_empty(address, check_dns1123_subdomain(address));
      const auto parsed = IpAddress::parse(address);
      if (!parsed.ok())
        errors.invalid(address, kIpRule);
      else if (parsed->is_v4() != (slice.addressType == "IPv4"))
        errors.invalid(address, fmt::format("must be an {} address", slice.addressType));
    });
  });
  if (slice.ports.size() > kMaxSlicePorts) {
    const auto field = errors.at("ports");
    return errors.too_many(slice.ports.size(), kMaxSlicePorts);
  }
  std::set<std::string> names;
  each(errors, "ports", slice.ports, [&](const EndpointSlicePort& port) {
    const auto field = errors.at("name");
    const std::string name = port.name.value_or("");
    if (!name.empty()) errors.unless_empty(name, check_dns1123_label(name));
    if (!names.insert(name).second) errors.duplicate(name);
  });
}

constexpr Rule kRules[] = {
    rule<endpoint_slice>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::discovery
