// SPDX-License-Identifier: Apache-2.0
#include "api/discovery/endpoint_slice.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::discovery {
namespace {
constexpr const char* kGroup = "discovery.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<EndpointSlice>(kGroup, "endpointslices", kNamespaced),
  };
  return all;
}

}  // namespace skiff::api::discovery
