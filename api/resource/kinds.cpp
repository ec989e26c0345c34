// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"
#include "api/resource/claim.h"
#include "api/resource/device.h"
#include "api/resource/request.h"

namespace skiff::api::resource {
namespace {
constexpr const char* kGroup = "resource.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<DeviceClass>(kGroup, "deviceclasses", kCluster),
      stored<ResourceClaim>(kGroup, "resourceclaims", kNamespaced),
      stored<ResourceClaimTemplate>(kGroup, "resourceclaimtemplates", kNamespaced),
      stored<ResourceSlice>(kGroup, "resourceslices", kCluster),
  };
  return all;
}

}  // namespace skiff::api::resource
