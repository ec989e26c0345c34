// SPDX-License-Identifier: Apache-2.0
// discovery.k8s.io/v1: EndpointSlices.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Labels of EndpointSlices: the Service they are of; that it has no cluster address.
inline constexpr const char* kServiceNameLabel = "kubernetes.io/service-name";
inline constexpr const char* kHeadlessLabel = "service.kubernetes.io/headless";

// A node that should use an endpoint.
struct ForNode {
  std::string name;
};
KUBE_TYPE(ForNode)

// A zone that should use an endpoint.
struct ForZone {
  std::string name;
};
KUBE_TYPE(ForZone)

// Who should use an endpoint.
struct EndpointHints {
  std::vector<ForZone> forZones;
  std::vector<ForNode> forNodes;
};
KUBE_TYPE(EndpointHints)

// Whether an endpoint is ready, serving, terminating; absent ready counts as true.
struct EndpointConditions {
  std::optional<bool> ready;
  std::optional<bool> serving;
  std::optional<bool> terminating;
};
KUBE_TYPE(EndpointConditions)

// One backend of a Service.
struct Endpoint {
  std::vector<std::string> addresses;
  EndpointConditions conditions;
  std::optional<std::string> hostname;
  Box<ObjectReference> targetRef;
  std::map<std::string, std::string> deprecatedTopology;
  std::optional<std::string> nodeName;
  std::optional<std::string> zone;
  Box<EndpointHints> hints;
};
KUBE_TYPE(Endpoint)

// One port of the endpoints of a slice.
struct EndpointSlicePort {
  std::optional<std::string> name;
  std::optional<std::string> protocol;
  std::optional<int32_t> port;
  std::optional<std::string> appProtocol;
};
KUBE_TYPE(EndpointSlicePort)

// Some of the backends of a Service, of one address family.
struct EndpointSlice {
  ObjectMeta metadata;
  std::vector<Endpoint> endpoints;
  std::vector<EndpointSlicePort> ports;
  std::string addressType;
};
KUBE_TYPE(EndpointSlice)

}  // namespace skiff::api
