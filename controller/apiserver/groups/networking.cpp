// SPDX-License-Identifier: Apache-2.0
#include "api/networking/ingress.h"
#include "api/networking/network_policy.h"
#include "api/networking/service_cidr.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {
void add_networking(Registry& registry, const Parts&) {
  registry.add(with_generation<api::NetworkPolicy>());
  registry.add(with_status(row<api::Ingress>()));
  registry.add(with_generation<api::IngressClass>());
  Resource ranges = row<api::ServiceCIDR>();
  ranges.subresources = {status_part()};
  registry.add(std::move(ranges));
  registry.add(row<api::IPAddress>());
}

}  // namespace skiff::apiserver
