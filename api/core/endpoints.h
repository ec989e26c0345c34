// SPDX-License-Identifier: Apache-2.0
// Endpoints: the older form of EndpointSlice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// One address behind a Service.
struct EndpointAddress {
  std::string ip;
  Box<ObjectReference> targetRef;
  std::string hostname;
  std::optional<std::string> nodeName;
};
KUBE_TYPE(EndpointAddress)

// One port behind a Service.
struct EndpointPort {
  std::string name;
  int32_t port = 0;
  std::string protocol;
  std::optional<std::string> appProtocol;
};
KUBE_TYPE(EndpointPort)

// Addresses that share their ports.
struct EndpointSubset {
  std::vector<EndpointAddress> addresses;
  std::vector<EndpointAddress> notReadyAddresses;
  std::vector<EndpointPort> ports;
};
KUBE_TYPE(EndpointSubset)

// All addresses behind one Service.
struct Endpoints {
  ObjectMeta metadata;
  std::vector<EndpointSubset> subsets;
};
KUBE_TYPE(Endpoints)

}  // namespace skiff::api
