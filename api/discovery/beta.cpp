// SPDX-License-Identifier: Apache-2.0
#include "api/discovery/beta.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.discovery.v1beta1.")
namespace {

// What `labels` say under `name`, unless it is said already.
void take(std::map<std::string, std::string>& labels, const char* name,
          std::optional<std::string>& into) {
  const auto it = labels.find(name);
  if (it == labels.end()) return;
  if (!into) into = it->second;
  labels.erase(it);
}

Endpoint from_beta(BetaEndpoint beta) {
  Endpoint endpoint;
  endpoint.addresses = std::move(beta.addresses);
  endpoint.conditions = beta.conditions;
  endpoint.hostname = std::move(beta.hostname);
  endpoint.targetRef = std::move(beta.targetRef);
  endpoint.nodeName = std::move(beta.nodeName);
  endpoint.hints = std::move(beta.hints);
  take(beta.topology, "kubernetes.io/hostname", endpoint.nodeName);
  take(beta.topology, "topology.kubernetes.io/zone", endpoint.zone);
  endpoint.deprecatedTopology = std::move(beta.topology);
  return endpoint;
}

}  // namespace

KUBE_FIELDS_AS(BetaEndpoint, "Endpoint",
               KUBE_FIELD(addresses, 1, .required = true, .list = ListType::kSet),
               KUBE_FIELD(conditions, 2), KUBE_FIELD(hostname, 3), KUBE_FIELD(targetRef, 4),
               KUBE_FIELD(topology, 5), KUBE_FIELD(nodeName, 6), KUBE_FIELD(hints, 7))

KUBE_FIELDS_AS(BetaEndpointSlice, "EndpointSlice",
               KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
               KUBE_FIELD(endpoints, 2, .required = true), KUBE_FIELD(ports, 3),
               KUBE_FIELD(addressType, 4, .required = true, .values = "FQDN,IPv4,IPv6"))

EndpointSlice from_beta(BetaEndpointSlice beta) {
  EndpointSlice slice;
  slice.metadata = std::move(beta.metadata);
  slice.ports = std::move(beta.ports);
  slice.addressType = std::move(beta.addressType);
  slice.endpoints.reserve(beta.endpoints.size());
  for (BetaEndpoint& endpoint : beta.endpoints)
    slice.endpoints.push_back(from_beta(std::move(endpoint)));
  return slice;
}

}  // namespace skiff::api
