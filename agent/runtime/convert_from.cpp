// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/convert.h"

namespace skiff::runtime {
namespace {

TimePoint time_from_ns(int64_t ns) {
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(std::chrono::nanoseconds(ns)));
}

StringMap map_from(const google::protobuf::Map<std::string, std::string>& map) {
  return {map.begin(), map.end()};
}

SandboxMetadata metadata_from(const cri::PodSandboxMetadata& metadata) {
  return {metadata.name(), metadata.uid(), metadata.namespace_(), metadata.attempt()};
}

SandboxState state_from(cri::PodSandboxState state) {
  return state == cri::SANDBOX_READY ? SandboxState::Ready : SandboxState::NotReady;
}

ContainerState state_from(cri::ContainerState state) {
  switch (state) {
    case cri::CONTAINER_CREATED:
      return ContainerState::Created;
    case cri::CONTAINER_RUNNING:
      return ContainerState::Running;
    case cri::CONTAINER_EXITED:
      return ContainerState::Exited;
    default:
      return ContainerState::Unknown;
  }
}

NamespaceMode mode_from(cri::NamespaceMode mode) {
  return mode >= cri::POD && mode <= cri::TARGET ? static_cast<NamespaceMode>(mode)
                                                 : NamespaceMode::Pod;
}

}  // namespace

Sandbox from_cri(const cri::PodSandbox& sandbox) {
  Sandbox out;
  out.id = sandbox.id();
  out.metadata = metadata_from(sandbox.metadata());
  out.state = state_from(sandbox.state());
  out.created_at = time_from_ns(sandbox.created_at());
  out.labels = map_from(sandbox.labels());
  out.annotations = map_from(sandbox.annotations());
  return out;
}

Sandbox from_cri(const cri::PodSandboxStatus& status) {
  Sandbox out;
  out.id = status.id();
  out.metadata = metadata_from(status.metadata());
  out.state = state_from(status.state());
  out.created_at = time_from_ns(status.created_at());
  out.labels = map_from(status.labels());
  out.annotations = map_from(status.annotations());
  if (!status.network().ip().empty()) out.ips.push_back(status.network().ip());
  for (const auto& ip : status.network().additional_ips()) out.ips.push_back(ip.ip());
  const auto& options = status.linux().namespaces().options();
  out.namespaces = {mode_from(options.network()), mode_from(options.pid()),
                    mode_from(options.ipc()), options.target_id()};
  return out;
}

Container from_cri(const cri::Container& container) {
  Container out;
  out.id = container.id();
  out.sandbox_id = container.pod_sandbox_id();
  out.name = container.metadata().name();
  out.attempt = container.metadata().attempt();
  out.image = container.image().image();
  out.image_ref = container.image_ref();
  out.state = state_from(container.state());
  out.created_at = time_from_ns(container.created_at());
  out.labels = map_from(container.labels());
  out.annotations = map_from(container.annotations());
  return out;
}

ContainerStatus from_cri(const cri::ContainerStatus& status) {
  ContainerStatus out;
  out.id = status.id();
  out.name = status.metadata().name();
  out.attempt = status.metadata().attempt();
  out.state = state_from(status.state());
  out.created_at = time_from_ns(status.created_at());
  out.started_at = time_from_ns(status.started_at());
  out.finished_at = time_from_ns(status.finished_at());
  out.exit_code = status.exit_code();
  out.image = status.image().image();
  out.image_ref = status.image_ref();
  out.reason = status.reason();
  out.message = status.message();
  out.labels = map_from(status.labels());
  out.annotations = map_from(status.annotations());
  for (const auto& mount : status.mounts())
    out.mounts.push_back({mount.container_path(), mount.host_path(), mount.readonly(),
                          static_cast<MountPropagation>(mount.propagation())});
  out.log_path = status.log_path();
  return out;
}

Image from_cri(const cri::Image& image) {
  Image out;
  out.id = image.id();
  out.repo_tags = {image.repo_tags().begin(), image.repo_tags().end()};
  out.repo_digests = {image.repo_digests().begin(), image.repo_digests().end()};
  out.size_bytes = image.size();
  if (image.has_uid()) out.uid = image.uid().value();
  out.username = image.username();
  out.pinned = image.pinned();
  return out;
}

ContainerStats from_cri(const cri::ContainerStats& stats) {
  ContainerStats out;
  out.id = stats.attributes().id();
  out.name = stats.attributes().metadata().name();
  out.labels = map_from(stats.attributes().labels());
  out.sampled_at = time_from_ns(stats.cpu().timestamp());
  out.cpu_usage_ns = stats.cpu().usage_core_nano_seconds().value();
  out.memory_working_set_bytes = stats.memory().working_set_bytes().value();
  out.memory_usage_bytes = stats.memory().usage_bytes().value();
  out.memory_rss_bytes = stats.memory().rss_bytes().value();
  out.writable_layer_bytes = stats.writable_layer().used_bytes().value();
  out.writable_layer_inodes = stats.writable_layer().inodes_used().value();
  return out;
}

}  // namespace skiff::runtime
