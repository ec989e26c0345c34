// SPDX-License-Identifier: Apache-2.0
// discovery.k8s.io/v1beta1 (Kubernetes 1.17 to 1.24), as far as it differs from v1. Only read: an
// agent on a cluster of 1.20 finds nothing else there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/discovery/endpoint_slice.h"

namespace skiff::api {

// One backend of a Service. Where it runs is a topology label before 1.20.
struct BetaEndpoint {
  std::vector<std::string> addresses;
  EndpointConditions conditions;
  std::optional<std::string> hostname;
  Box<ObjectReference> targetRef;
  std::map<std::string, std::string> topology;
  std::optional<std::string> nodeName;
  Box<EndpointHints> hints;
};
KUBE_TYPE(BetaEndpoint)

// Some of the backends of a Service.
struct BetaEndpointSlice {
  ObjectMeta metadata;
  std::vector<BetaEndpoint> endpoints;
  std::vector<EndpointSlicePort> ports;
  std::string addressType;
};
KUBE_TYPE(BetaEndpointSlice)

// The same as v1 has it: node and zone from the topology labels.
EndpointSlice from_beta(BetaEndpointSlice slice);

}  // namespace skiff::api
