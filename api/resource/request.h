// SPDX-License-Identifier: Apache-2.0
// What is asked of devices.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// An expression that fits devices.
struct CELDeviceSelector {
  std::string expression;
};
KUBE_TYPE(CELDeviceSelector)

// Which devices fit.
struct DeviceSelector {
  Box<CELDeviceSelector> cel;
};
KUBE_TYPE(DeviceSelector)

// Marks that are no hindrance.
struct DeviceToleration {
  std::string key;
  std::string operator_;
  std::string value;
  std::string effect;
  std::optional<int64_t> tolerationSeconds;
};
KUBE_TYPE(DeviceToleration)

// How much of a device.
struct CapacityRequirements {
  std::map<std::string, Quantity> requests;
};
KUBE_TYPE(CapacityRequirements)

// So many devices of a class.
struct ExactDeviceRequest {
  std::string deviceClassName;
  std::vector<DeviceSelector> selectors;
  std::string allocationMode;
  std::optional<int64_t> count;
  std::optional<bool> adminAccess;
  std::vector<DeviceToleration> tolerations;
  Box<CapacityRequirements> capacity;
};
KUBE_TYPE(ExactDeviceRequest)

// One of the ways to meet a request.
struct DeviceSubRequest {
  std::string name;
  std::string deviceClassName;
  std::vector<DeviceSelector> selectors;
  std::string allocationMode;
  std::optional<int64_t> count;
  std::vector<DeviceToleration> tolerations;
  Box<CapacityRequirements> capacity;
};
KUBE_TYPE(DeviceSubRequest)

// Devices under one name.
struct DeviceRequest {
  std::string name;
  Box<ExactDeviceRequest> exactly;
  std::vector<DeviceSubRequest> firstAvailable;
};
KUBE_TYPE(DeviceRequest)

// What devices must have in common.
struct DeviceConstraint {
  std::vector<std::string> requests;
  std::optional<std::string> matchAttribute;
  std::optional<std::string> distinctAttribute;
};
KUBE_TYPE(DeviceConstraint)

// Settings that only the driver reads.
struct OpaqueDeviceConfiguration {
  std::string driver;
  RawJson parameters;
};
KUBE_TYPE(OpaqueDeviceConfiguration)

// Settings for some requests.
struct DeviceClaimConfiguration {
  std::vector<std::string> requests;
  Box<OpaqueDeviceConfiguration> opaque;
};
KUBE_TYPE(DeviceClaimConfiguration)

// What devices are asked for.
struct DeviceClaim {
  std::vector<DeviceRequest> requests;
  std::vector<DeviceConstraint> constraints;
  std::vector<DeviceClaimConfiguration> config;
};
KUBE_TYPE(DeviceClaim)

// Settings for all of a class.
struct DeviceClassConfiguration {
  Box<OpaqueDeviceConfiguration> opaque;
};
KUBE_TYPE(DeviceClassConfiguration)

// Which devices are of a class.
struct DeviceClassSpec {
  std::vector<DeviceSelector> selectors;
  std::vector<DeviceClassConfiguration> config;
  std::optional<std::string> extendedResourceName;
};
KUBE_TYPE(DeviceClassSpec)

// A class of devices.
struct DeviceClass {
  ObjectMeta metadata;
  DeviceClassSpec spec;
};
KUBE_TYPE(DeviceClass)

}  // namespace skiff::api
