// SPDX-License-Identifier: Apache-2.0
// The labels and annotations by which the runtime's objects are found again after a restart, and
// where a pod's files are. They are those of Kubernetes' kubelet, so that crictl and log collectors
// understand them.
#pragma once

#include <filesystem>
#include <string>

#include "agent/kubelet/options.h"
#include "agent/runtime/types.h"
#include "api/core/pod.h"

namespace skiff::kubelet {

inline constexpr char kPodNameLabel[] = "io.kubernetes.pod.name";
inline constexpr char kPodNamespaceLabel[] = "io.kubernetes.pod.namespace";
inline constexpr char kPodUidLabel[] = "io.kubernetes.pod.uid";
inline constexpr char kContainerNameLabel[] = "io.kubernetes.container.name";
inline constexpr char kHashAnnotation[] = "io.kubernetes.container.hash";
inline constexpr char kRestartCountAnnotation[] = "io.kubernetes.container.restartCount";
inline constexpr char kMessagePathAnnotation[] = "io.kubernetes.container.terminationMessagePath";
inline constexpr char kMessagePolicyAnnotation[] =
    "io.kubernetes.container.terminationMessagePolicy";
inline constexpr char kGraceAnnotation[] = "io.kubernetes.pod.terminationGracePeriod";

// Changes when the container must be made anew: name and image are what may change in a running
// pod.
std::string container_hash(const api::Container& container);

runtime::StringMap sandbox_labels(const api::Pod& pod);
runtime::StringMap container_labels(const api::Pod& pod, const api::Container& container);
runtime::StringMap container_annotations(const api::Pod& pod, const api::Container& container,
                                         uint32_t attempt);

// `name_namespace(uid)`, as in events and messages of Kubernetes.
std::string display_name(const api::Pod& pod);

// Init and main containers by name; null if there is none.
const api::Container* find_container(const api::Pod& pod, const std::string& name);
bool is_init_container(const api::Pod& pod, const std::string& name);
// An init container that keeps running beside the main ones.
inline bool is_sidecar(const api::Container& container) {
  return container.restartPolicy == "Always";
}

// Where the files of a pod are.
class PodPaths {
 public:
  PodPaths(const Options& options, std::string namespace_, std::string name, std::string uid);
  PodPaths(const Options& options, const api::Pod& pod);

  const std::filesystem::path& root() const { return root_; }  // DATA/pods/UID
  std::filesystem::path volume(const std::string& plugin, const std::string& name) const;
  std::filesystem::path volumes() const { return root_ / "volumes"; }
  std::filesystem::path hosts_file() const { return root_ / "etc-hosts"; }
  std::filesystem::path subpaths() const { return root_ / "volume-subpaths"; }
  // The file behind terminationMessagePath of one instance of a container.
  std::filesystem::path termination_message(const std::string& container, uint32_t attempt) const;
  const std::filesystem::path& logs() const { return logs_; }  // LOGS/NAMESPACE_NAME_UID
  std::filesystem::path log_file(const std::string& container, uint32_t attempt) const;

 private:
  std::filesystem::path root_;
  std::filesystem::path logs_;
};

}  // namespace skiff::kubelet
