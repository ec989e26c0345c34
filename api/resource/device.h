// SPDX-License-Identifier: Apache-2.0
// Devices that drivers offer (dynamic resource allocation).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/affinity.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// So much of something that devices share.
struct Counter {
  Quantity value;
};
KUBE_TYPE(Counter)

// What devices share.
struct CounterSet {
  std::string name;
  std::map<std::string, Counter> counters;
};
KUBE_TYPE(CounterSet)

// What a device takes of what is shared.
struct DeviceCounterConsumption {
  std::string counterSet;
  std::map<std::string, Counter> counters;
};
KUBE_TYPE(DeviceCounterConsumption)

// A property: exactly one of these.
struct DeviceAttribute {
  std::optional<int64_t> int_;
  std::optional<bool> bool_;
  std::optional<std::string> string;
  std::optional<std::string> version;
};
KUBE_TYPE(DeviceAttribute)

// From, to, in steps of.
struct CapacityRequestPolicyRange {
  Quantity min;
  std::optional<Quantity> max;
  std::optional<Quantity> step;
};
KUBE_TYPE(CapacityRequestPolicyRange)

// Which amounts may be asked for.
struct CapacityRequestPolicy {
  std::optional<Quantity> default_;
  std::vector<Quantity> validValues;
  Box<CapacityRequestPolicyRange> validRange;
};
KUBE_TYPE(CapacityRequestPolicy)

// How much a device has of something.
struct DeviceCapacity {
  Quantity value;
  Box<CapacityRequestPolicy> requestPolicy;
};
KUBE_TYPE(DeviceCapacity)

// A mark that keeps claims away.
struct DeviceTaint {
  std::string key;
  std::string value;
  std::string effect;
  Time timeAdded;
};
KUBE_TYPE(DeviceTaint)

// One device.
struct Device {
  std::string name;
  std::map<std::string, DeviceAttribute> attributes;
  std::map<std::string, DeviceCapacity> capacity;
  std::vector<DeviceCounterConsumption> consumesCounters;
  std::optional<std::string> nodeName;
  Box<NodeSelector> nodeSelector;
  std::optional<bool> allNodes;
  std::vector<DeviceTaint> taints;
  std::optional<bool> bindsToNode;
  std::vector<std::string> bindingConditions;
  std::vector<std::string> bindingFailureConditions;
  std::optional<bool> allowMultipleAllocations;
};
KUBE_TYPE(Device)

// The pool of devices a slice is part of.
struct ResourcePool {
  std::string name;
  int64_t generation = 0;
  int64_t resourceSliceCount = 0;
};
KUBE_TYPE(ResourcePool)

// Devices of one driver.
struct ResourceSliceSpec {
  std::string driver;
  ResourcePool pool;
  std::optional<std::string> nodeName;
  Box<NodeSelector> nodeSelector;
  std::optional<bool> allNodes;
  std::vector<Device> devices;
  std::optional<bool> perDeviceNodeSelection;
  std::vector<CounterSet> sharedCounters;
};
KUBE_TYPE(ResourceSliceSpec)

// Some of the devices of a pool.
struct ResourceSlice {
  ObjectMeta metadata;
  ResourceSliceSpec spec;
};
KUBE_TYPE(ResourceSlice)

}  // namespace skiff::api
