// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/resources.h"

#include <algorithm>

namespace skiff::scheduler {
namespace {

constexpr int64_t kDefaultMillicpu = 100;
constexpr int64_t kDefaultMemoryBytes = 200 << 20;

void keep_larger(Resources& into, const Resources& other) {
  into.millicpu = std::max(into.millicpu, other.millicpu);
  into.memory_bytes = std::max(into.memory_bytes, other.memory_bytes);
  into.ephemeral_storage_bytes =
      std::max(into.ephemeral_storage_bytes, other.ephemeral_storage_bytes);
  for (const auto& [name, amount] : other.extended)
    into.extended[name] = std::max(into.extended[name], amount);
}

Resources container_requests(const api::Container& container, bool with_defaults) {
  Resources requests = resources_of(container.resources.requests);
  if (!with_defaults) return requests;
  if (!container.resources.requests.contains("cpu")) requests.millicpu = kDefaultMillicpu;
  if (!container.resources.requests.contains("memory")) requests.memory_bytes = kDefaultMemoryBytes;
  return requests;
}

Resources pod_requests(const api::PodSpec& spec, bool with_defaults) {
  Resources running;
  for (const api::Container& container : spec.containers)
    running += container_requests(container, with_defaults);
  Resources sidecars;
  Resources starting;
  for (const api::Container& container : spec.initContainers) {
    const Resources requests = container_requests(container, with_defaults);
    Resources at_this_point = sidecars;
    at_this_point += requests;
    keep_larger(starting, at_this_point);
    if (container.restartPolicy == "Always") sidecars += requests;
  }
  running += sidecars;
  keep_larger(running, starting);
  running += resources_of(spec.overhead);
  return running;
}

}  // namespace

Resources& Resources::operator+=(const Resources& other) {
  millicpu += other.millicpu;
  memory_bytes += other.memory_bytes;
  ephemeral_storage_bytes += other.ephemeral_storage_bytes;
  for (const auto& [name, amount] : other.extended) extended[name] += amount;
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  millicpu -= other.millicpu;
  memory_bytes -= other.memory_bytes;
  ephemeral_storage_bytes -= other.ephemeral_storage_bytes;
  for (const auto& [name, amount] : other.extended) extended[name] -= amount;
  return *this;
}

Resources resources_of(const QuantityMap& amounts) {
  Resources resources;
  for (const auto& [name, quantity] : amounts) {
    if (name == "cpu") {
      resources.millicpu = quantity.milli_value();
    } else if (name == "memory") {
      resources.memory_bytes = quantity.value();
    } else if (name == "ephemeral-storage") {
      resources.ephemeral_storage_bytes = quantity.value();
    } else if (name != "pods") {
      resources.extended[name] = quantity.value();
    }
  }
  return resources;
}

Resources requests_of(const api::PodSpec& spec) {
  return pod_requests(spec, false);
}
Resources scoring_requests_of(const api::PodSpec& spec) {
  return pod_requests(spec, true);
}

}  // namespace skiff::scheduler
