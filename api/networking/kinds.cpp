// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"
#include "api/networking/ingress.h"
#include "api/networking/network_policy.h"
#include "api/networking/service_cidr.h"
#include "base/ip.h"

namespace skiff::api::networking {
namespace {

constexpr const char* kGroup = "networking.k8s.io";

// An IPAddress is called as the address it stands for, in canonical form.
std::string check_address(std::string_view name) {
  const auto address = IpAddress::parse(name);
  if (!address.ok()) return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  const std::string canonical = address->to_string();
  return canonical == name ? "" : fmt::format("must be in canonical form (\"{}\")", canonical);
}

}  // namespace

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<NetworkPolicy>(kGroup, "networkpolicies", kNamespaced, {"netpol"}),
      stored<Ingress>(kGroup, "ingresses", kNamespaced, {"ing"}),
      stored<IngressClass>(kGroup, "ingressclasses", kCluster),
      stored<ServiceCIDR>(kGroup, "servicecidrs", kCluster),
      named(check_address, stored<IPAddress>(kGroup, "ipaddresses", kCluster, {"ip"})),
  };
  return all;
}

}  // namespace skiff::api::networking
