// SPDX-License-Identifier: Apache-2.0
// Claims on devices, and what they got.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/affinity.h"
#include "api/meta.h"
#include "api/resource/request.h"
#include "api/scalars.h"

namespace skiff::api {

// A device of the network.
struct NetworkDeviceData {
  std::string interfaceName;
  std::vector<std::string> ips;
  std::string hardwareAddress;
};
KUBE_TYPE(NetworkDeviceData)

// How a device does.
struct AllocatedDeviceStatus {
  std::string driver;
  std::string pool;
  std::string device;
  std::vector<Condition> conditions;
  RawJson data;
  Box<NetworkDeviceData> networkData;
  std::optional<std::string> shareID;
};
KUBE_TYPE(AllocatedDeviceStatus)

// The device that a request got.
struct DeviceRequestAllocationResult {
  std::string request;
  std::string driver;
  std::string pool;
  std::string device;
  std::optional<bool> adminAccess;
  std::vector<DeviceToleration> tolerations;
  std::vector<std::string> bindingConditions;
  std::vector<std::string> bindingFailureConditions;
  std::optional<std::string> shareID;
  std::map<std::string, Quantity> consumedCapacity;
};
KUBE_TYPE(DeviceRequestAllocationResult)

// Settings, and who made them.
struct DeviceAllocationConfiguration {
  std::string source;
  std::vector<std::string> requests;
  Box<OpaqueDeviceConfiguration> opaque;
};
KUBE_TYPE(DeviceAllocationConfiguration)

// What was given.
struct DeviceAllocationResult {
  std::vector<DeviceRequestAllocationResult> results;
  std::vector<DeviceAllocationConfiguration> config;
};
KUBE_TYPE(DeviceAllocationResult)

// What was given, and where it can be used.
struct AllocationResult {
  DeviceAllocationResult devices;
  Box<NodeSelector> nodeSelector;
  Time allocationTimestamp;
};
KUBE_TYPE(AllocationResult)

// Who uses a claim.
struct ResourceClaimConsumerReference {
  std::string apiGroup;
  std::string resource;
  std::string name;
  std::string uid;
};
KUBE_TYPE(ResourceClaimConsumerReference)

// What is asked for.
struct ResourceClaimSpec {
  DeviceClaim devices;
};
KUBE_TYPE(ResourceClaimSpec)

// What became of it.
struct ResourceClaimStatus {
  Box<AllocationResult> allocation;
  std::vector<ResourceClaimConsumerReference> reservedFor;
  std::vector<AllocatedDeviceStatus> devices;
};
KUBE_TYPE(ResourceClaimStatus)

// A claim on devices.
struct ResourceClaim {
  ObjectMeta metadata;
  ResourceClaimSpec spec;
  ResourceClaimStatus status;
};
KUBE_TYPE(ResourceClaim)

// What claims are made from.
struct ResourceClaimTemplateSpec {
  ObjectMeta metadata;
  ResourceClaimSpec spec;
};
KUBE_TYPE(ResourceClaimTemplateSpec)

// Makes a claim for each pod.
struct ResourceClaimTemplate {
  ObjectMeta metadata;
  ResourceClaimTemplateSpec spec;
};
KUBE_TYPE(ResourceClaimTemplate)

}  // namespace skiff::api
