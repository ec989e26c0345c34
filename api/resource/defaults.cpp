// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/groups.h"
#include "api/resource/claim.h"
#include "api/resource/device.h"
#include "api/resource/request.h"

namespace skiff::api::resource {
namespace {

template <class Request>
void device_request(Request& request) {
  set(request.allocationMode, "ExactCount");
  if (request.allocationMode == "ExactCount") set(request.count, 1);
}
void toleration(DeviceToleration& toleration) {
  set(toleration.operator_, "Equal");
}

constexpr DefaultHook kDefaults[] = {
    default_hook<device_request<ExactDeviceRequest>>(),
    default_hook<device_request<DeviceSubRequest>>(),
    default_hook<toleration>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::resource
