// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_names.h"

#include <fmt/format.h>

namespace skiff::kubelet {
namespace {

// FNV-1a: stable over restarts and versions, which std::hash does not promise.
uint64_t fnv1a(std::string_view text, uint64_t hash = 14695981039346656037ULL) {
  for (unsigned char byte : text) hash = (hash ^ byte) * 1099511628211ULL;
  return hash;
}

}  // namespace

std::string container_hash(const api::Container& container) {
  return fmt::format("{:x}", fnv1a(container.image, fnv1a(container.name + "\n")));
}

runtime::StringMap sandbox_labels(const api::Pod& pod) {
  runtime::StringMap labels = pod.metadata.labels;
  labels[kPodNameLabel] = pod.metadata.name;
  labels[kPodNamespaceLabel] = pod.metadata.namespace_;
  labels[kPodUidLabel] = pod.metadata.uid;
  return labels;
}

runtime::StringMap container_labels(const api::Pod& pod, const api::Container& container) {
  return {{kPodNameLabel, pod.metadata.name},
          {kPodNamespaceLabel, pod.metadata.namespace_},
          {kPodUidLabel, pod.metadata.uid},
          {kContainerNameLabel, container.name}};
}

runtime::StringMap container_annotations(const api::Pod& pod, const api::Container& container,
                                         uint32_t attempt) {
  runtime::StringMap annotations = {
      {kHashAnnotation, container_hash(container)},
      {kRestartCountAnnotation, std::to_string(attempt)},
      {kMessagePathAnnotation, container.terminationMessagePath},
      {kMessagePolicyAnnotation, container.terminationMessagePolicy},
  };
  if (pod.spec.terminationGracePeriodSeconds)
    annotations[kGraceAnnotation] = std::to_string(*pod.spec.terminationGracePeriodSeconds);
  return annotations;
}

std::string display_name(const api::Pod& pod) {
  return fmt::format("{}_{}({})", pod.metadata.name, pod.metadata.namespace_, pod.metadata.uid);
}

const api::Container* find_container(const api::Pod& pod, const std::string& name) {
  for (const auto& container : pod.spec.containers)
    if (container.name == name) return &container;
  for (const auto& container : pod.spec.initContainers)
    if (container.name == name) return &container;
  return nullptr;
}

bool is_init_container(const api::Pod& pod, const std::string& name) {
  return std::any_of(pod.spec.initContainers.begin(), pod.spec.initContainers.end(),
                     [&](const api::Container& c) { return c.name == name; });
}

PodPaths::PodPaths(const Options& options, std::string namespace_, std::string name,
                   std::string uid)
    : root_(options.data_dir / "pods" / uid),
      logs_(options.log_dir / fmt::format("{}_{}_{}", namespace_, name, uid)) {}

PodPaths::PodPaths(const Options& options, const api::Pod& pod)
    : PodPaths(options, pod.metadata.namespace_, pod.metadata.name, pod.metadata.uid) {}

std::filesystem::path PodPaths::volume(const std::string& plugin, const std::string& name) const {
  return volumes() / ("kubernetes.io~" + plugin) / name;
}

std::filesystem::path PodPaths::termination_message(const std::string& container,
                                                    uint32_t attempt) const {
  return root_ / "containers" / container / std::to_string(attempt);
}

std::filesystem::path PodPaths::log_file(const std::string& container, uint32_t attempt) const {
  return logs_ / container / fmt::format("{}.log", attempt);
}

}  // namespace skiff::kubelet
