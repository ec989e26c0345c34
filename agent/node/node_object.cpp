// SPDX-License-Identifier: Apache-2.0
#include "agent/node/node_object.h"

#include <algorithm>

#include "api/compare.h"

namespace skiff::node {
namespace {

constexpr const char* kKubeletVersion = "v1.34.0";   // the API level we claim
constexpr size_t kMostImages = 50;                   // kubelet's nodeStatusMaxImages
constexpr int64_t kMemoryPressureBytes = 100 << 20;  // kubelet's default hard eviction thresholds
constexpr double kDiskPressureFree = 0.10;
constexpr double kInodePressureFree = 0.05;

std::map<std::string, api::Quantity> capacity_of(const NodeOptions& options, const Facts& facts) {
  return {
      {"cpu", api::Quantity::of(facts.cpus)},
      {"ephemeral-storage", api::Quantity::of_bytes(facts.disk_bytes)},
      {"hugepages-1Gi", api::Quantity::of(0)},
      {"hugepages-2Mi", api::Quantity::of(0)},
      {"memory", api::Quantity::of_bytes(facts.memory_bytes)},
      {"pods", api::Quantity::of(options.most_pods)},
  };
}

std::vector<api::NodeAddress> addresses_of(const NodeOptions& options) {
  std::vector<api::NodeAddress> addresses;
  for (const IpAddress& ip : options.addresses) {
    api::NodeAddress& address = addresses.emplace_back();
    address.type = "InternalIP";
    address.address = ip.to_string();
  }
  api::NodeAddress& hostname = addresses.emplace_back();
  hostname.type = "Hostname";
  hostname.address = options.name;
  return addresses;
}

api::NodeSystemInfo system_info(const Observed& observed) {
  api::NodeSystemInfo info;
  info.machineID = observed.facts.machine_id;
  info.systemUUID = observed.facts.system_uuid;
  info.bootID = observed.facts.boot_id;
  info.kernelVersion = observed.facts.kernel_version;
  info.osImage = observed.facts.os_image;
  info.containerRuntimeVersion = observed.runtime_version;
  info.kubeletVersion = kKubeletVersion;
  info.operatingSystem = "linux";
  info.architecture = observed.facts.architecture;
  return info;
}

std::vector<api::ContainerImage> images_of(std::vector<runtime::Image> images) {
  std::sort(images.begin(), images.end(),
            [](const auto& a, const auto& b) { return a.size_bytes > b.size_bytes; });
  if (images.size() > kMostImages) images.resize(kMostImages);
  std::vector<api::ContainerImage> list;
  for (const runtime::Image& image : images) {
    api::ContainerImage& entry = list.emplace_back();
    entry.names = image.repo_digests;
    entry.names.insert(entry.names.end(), image.repo_tags.begin(), image.repo_tags.end());
    entry.sizeBytes = static_cast<int64_t>(image.size_bytes);
  }
  return list;
}

api::NodeCondition condition(const char* type, bool holds, const char* reason, std::string text) {
  api::NodeCondition condition;
  condition.type = type;
  condition.status = holds ? "True" : "False";
  condition.reason = reason;
  condition.message = std::move(text);
  return condition;
}

api::NodeCondition ready_condition(const Observed& observed) {
  std::vector<std::string> reasons;
  if (observed.runtime_version.empty()) reasons.push_back("container runtime is down");
  for (const runtime::Condition& part : observed.runtime)
    if (!part.status)
      reasons.push_back(fmt::format("{} is false: {} {}", part.type, part.reason, part.message));
  if (!observed.not_ready_because.empty()) reasons.push_back(observed.not_ready_because);
  if (reasons.empty())
    return condition("Ready", true, "KubeletReady", "kubelet is posting ready status");
  return condition("Ready", false, "KubeletNotReady",
                   fmt::format("[{}]", fmt::join(reasons, ", ")));
}

void set_condition(api::NodeStatus& status, api::NodeCondition next, TimePoint now) {
  next.lastHeartbeatTime = next.lastTransitionTime = api::Time(now);
  for (api::NodeCondition& present : status.conditions) {
    if (present.type != next.type) continue;
    if (present.status == next.status) next.lastTransitionTime = present.lastTransitionTime;
    present = std::move(next);
    return;
  }
  status.conditions.push_back(std::move(next));
}

}  // namespace

api::Node new_node(const NodeOptions& options, const Facts& facts) {
  api::Node node;
  node.metadata.name = options.name;
  node.metadata.labels = options.labels;
  node.metadata.labels["kubernetes.io/hostname"] = options.name;
  node.metadata.labels["kubernetes.io/os"] = "linux";
  node.metadata.labels["kubernetes.io/arch"] = facts.architecture;
  node.status.capacity = node.status.allocatable = capacity_of(options, facts);
  node.status.addresses = addresses_of(options);
  node.status.daemonEndpoints.kubeletEndpoint.Port = options.kubelet_port;
  return node;
}

api::NodeStatus node_status(const NodeOptions& options, const api::NodeStatus& present,
                            const Observed& observed, TimePoint now) {
  api::NodeStatus status = present;
  status.capacity = status.allocatable = capacity_of(options, observed.facts);
  status.addresses = addresses_of(options);
  status.daemonEndpoints.kubeletEndpoint.Port = options.kubelet_port;
  status.nodeInfo = system_info(observed);
  status.images = images_of(observed.images);
  const bool memory = observed.usage.memory_available_bytes < kMemoryPressureBytes;
  set_condition(status,
                memory ? condition("MemoryPressure", true, "KubeletHasInsufficientMemory",
                                   "kubelet has insufficient memory available")
                       : condition("MemoryPressure", false, "KubeletHasSufficientMemory",
                                   "kubelet has sufficient memory available"),
                now);
  const bool disk = observed.usage.disk_free < kDiskPressureFree ||
                    observed.usage.inodes_free < kInodePressureFree;
  set_condition(
      status,
      disk ? condition("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure")
           : condition("DiskPressure", false, "KubeletHasNoDiskPressure",
                       "kubelet has no disk pressure"),
      now);
  set_condition(status,
                condition("PIDPressure", false, "KubeletHasSufficientPID",
                          "kubelet has sufficient PID available"),
                now);
  set_condition(status, ready_condition(observed), now);
  return status;
}

bool differs(const api::NodeStatus& a, const api::NodeStatus& b) {
  api::NodeStatus without_heartbeats = a;
  for (api::NodeCondition& condition : without_heartbeats.conditions)
    for (const api::NodeCondition& other : b.conditions)
      if (other.type == condition.type) condition.lastHeartbeatTime = other.lastHeartbeatTime;
  return !api::equal(without_heartbeats, b);
}

}  // namespace skiff::node
