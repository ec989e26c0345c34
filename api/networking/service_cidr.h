// SPDX-License-Identifier: Apache-2.0
// The ranges that Services get their addresses from, and the addresses.
#pragma once

#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// One range, or one of each family.
struct ServiceCIDRSpec {
  std::vector<std::string> cidrs;
};
KUBE_TYPE(ServiceCIDRSpec)

// What became of it.
struct ServiceCIDRStatus {
  std::vector<Condition> conditions;
};
KUBE_TYPE(ServiceCIDRStatus)

// A range that Services get their addresses from.
struct ServiceCIDR {
  ObjectMeta metadata;
  ServiceCIDRSpec spec;
  ServiceCIDRStatus status;
};
KUBE_TYPE(ServiceCIDR)

// The object that an address belongs to.
struct ParentReference {
  std::string group;
  std::string resource;
  std::string namespace_;
  std::string name;
};
KUBE_TYPE(ParentReference)

// Whose address it is.
struct IPAddressSpec {
  ParentReference parentRef;
};
KUBE_TYPE(IPAddressSpec)

// An address in use; its name is the address.
struct IPAddress {
  ObjectMeta metadata;
  IPAddressSpec spec;
};
KUBE_TYPE(IPAddress)

}  // namespace skiff::api
