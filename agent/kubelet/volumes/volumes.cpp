// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/volumes.h"

#include <sys/stat.h>

#include "agent/kubelet/dns_config.h"
#include "agent/kubelet/volumes/empty_dir.h"
#include "agent/kubelet/volumes/host_path.h"
#include "agent/kubelet/volumes/mounts.h"
#include "agent/kubelet/volumes/subpath.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

std::optional<int64_t> fs_group(const api::Pod& pod) {
  return pod.spec.securityContext ? pod.spec.securityContext->fsGroup : std::nullopt;
}

// A volume that members of the group must be able to read, whatever its modes say.
void open_to_group(VolumeFiles& files) {
  for (auto& [path, file] : files) file.mode |= 0440;
}

const char* plugin_of(const api::Volume& volume) {
  if (volume.emptyDir) return "empty-dir";
  if (volume.configMap) return "configmap";
  if (volume.secret) return "secret";
  if (volume.downwardAPI) return "downward-api";
  if (volume.projected) return "projected";
  return nullptr;
}

bool holds_secrets(const api::Volume& volume) {
  if (volume.secret) return true;
  if (!volume.projected) return false;
  return std::any_of(volume.projected->sources.begin(), volume.projected->sources.end(),
                     [](const auto& s) { return s.secret || s.serviceAccountToken; });
}

runtime::MountPropagation propagation(const api::VolumeMount& mount) {
  const std::string mode = mount.mountPropagation.value_or("None");
  if (mode == "HostToContainer") return runtime::MountPropagation::HostToContainer;
  if (mode == "Bidirectional") return runtime::MountPropagation::Bidirectional;
  return runtime::MountPropagation::Private;
}

// Bind-mounted over terminationMessagePath; writable for whatever user the container has.
Status make_message_file(const fs::path& path) {
  RETURN_IF_ERROR(write_file_atomic(path, "", 0666));
  ::chmod(path.c_str(), 0666);  // past the umask
  return absl::OkStatus();
}

bool shows_objects(const api::Pod& pod, const std::string& volume) {
  return std::any_of(pod.spec.volumes.begin(), pod.spec.volumes.end(),
                     [&](const auto& v) { return v.name == volume && has_content(v); });
}

// Everything of mounts() that blocks.
Result<std::vector<runtime::Mount>> make_mounts(const api::Pod& pod,
                                                const api::Container& container,
                                                const std::map<std::string, std::string>& variables,
                                                const PodPaths& paths, uint32_t attempt) {
  std::vector<runtime::Mount> mounts;
  bool own_hosts = false;
  for (size_t i = 0; i < container.volumeMounts.size(); ++i) {
    const api::VolumeMount& mount = container.volumeMounts[i];
    ASSIGN_OR_RETURN(fs::path host, volume_path(pod, mount.name, paths));
    const std::string subpath =
        mount.subPathExpr.empty() ? mount.subPath : expand(mount.subPathExpr, variables);
    if (!subpath.empty()) {
      const fs::path target = paths.subpaths() / mount.name / container.name / std::to_string(i);
      RETURN_IF_ERROR(bind_subpath(host, subpath, target), "volume {}", mount.name);
      host = target;
    }
    const std::string inside =
        mount.mountPath.starts_with('/') ? mount.mountPath : "/" + mount.mountPath;
    own_hosts |= inside == "/etc/hosts";
    // What shows objects of the API is written by us alone.
    const bool readonly = mount.readOnly || shows_objects(pod, mount.name);
    mounts.push_back({inside, host, readonly, propagation(mount)});
  }
  if (!own_hosts) mounts.push_back({"/etc/hosts", paths.hosts_file(), false, {}});
  if (!container.terminationMessagePath.empty()) {
    const fs::path file = paths.termination_message(container.name, attempt);
    RETURN_IF_ERROR(make_directories(file.parent_path()));
    RETURN_IF_ERROR(make_message_file(file), "termination message file");
    mounts.push_back({container.terminationMessagePath, file, false, {}});
  }
  return mounts;
}

}  // namespace

bool has_changing_volumes(const api::Pod& pod) {
  return std::any_of(pod.spec.volumes.begin(), pod.spec.volumes.end(), has_content);
}

Result<fs::path> volume_path(const api::Pod& pod, const std::string& name, const PodPaths& paths) {
  for (const auto& volume : pod.spec.volumes) {
    if (volume.name != name) continue;
    if (volume.hostPath) return fs::path(volume.hostPath->path);
    if (const char* plugin = plugin_of(volume)) return paths.volume(plugin, name);
    return unimplemented("volume \"{}\": this node does not know volumes of its kind", name);
  }
  return invalid_argument("volumeMounts: there is no volume \"{}\"", name);
}

awaitable<Status> Volumes::prepare(PodPtr pod, Duration max_age) {
  const PodPaths paths(options_, *pod);
  for (const auto& volume : pod->spec.volumes) {
    const std::string& name = volume.name;
    if (has_content(volume)) {
      CO_RETURN_IF_ERROR(co_await prepare_content(pod, volume, max_age),
                         "MountVolume.SetUp failed for volume \"{}\"", name);
    } else if (volume.hostPath) {
      const auto source = *volume.hostPath;
      CO_RETURN_IF_ERROR(
          co_await offload(
              pool_, [source] { return prepare_host_path(source.path, source.type.value_or("")); }),
          "MountVolume.SetUp failed for volume \"{}\"", name);
    } else if (volume.emptyDir) {
      const fs::path path = paths.volume("empty-dir", name);
      CO_RETURN_IF_ERROR(co_await offload(pool_,
                                          [path, source = *volume.emptyDir, pod] {
                                            return prepare_empty_dir(path, source, fs_group(*pod));
                                          }),
                         "MountVolume.SetUp failed for volume \"{}\"", name);
    } else {
      CO_RETURN_IF_ERROR(volume_path(*pod, name, paths));
    }
  }
  co_return absl::OkStatus();
}

awaitable<Status> Volumes::prepare_content(PodPtr pod, const api::Volume& volume,
                                           Duration max_age) {
  const VolumeReferences references = volume_references(volume);
  CO_ASSIGN_OR_RETURN(
      const ConfigObjects objects,
      (co_await objects_.objects(pod->metadata.namespace_, references.names, max_age)));
  std::map<std::string, std::string> tokens;
  for (const auto& projection : references.tokens) {
    CO_ASSIGN_OR_RETURN(
        tokens[projection.path],
        (co_await objects_.token(
            *pod, {projection.audience, projection.expirationSeconds.value_or(3600)})));
  }
  const FieldContext context{options_, {}};
  CO_ASSIGN_OR_RETURN(VolumeFiles files,
                      (volume_content(volume, {*pod, objects, tokens, context})));
  const auto group = fs_group(*pod);
  if (group) open_to_group(files);
  const fs::path path = PodPaths(options_, *pod).volume(plugin_of(volume), volume.name);
  const bool in_memory = options_.tmpfs_volumes && holds_secrets(volume);
  auto written = co_await offload(pool_, [path, files, group, in_memory]() -> Result<bool> {
    if (in_memory) RETURN_IF_ERROR(mount_tmpfs(path, std::nullopt));
    return write_volume(path, files, group);
  });
  co_return written.status();
}

awaitable<Result<std::vector<runtime::Mount>>> Volumes::mounts(PodPtr pod,
                                                               const api::Container& container,
                                                               std::vector<runtime::EnvVar> envs,
                                                               uint32_t attempt) {
  std::map<std::string, std::string> variables;
  for (auto& env : envs) variables[env.name] = std::move(env.value);
  const PodPaths paths(options_, *pod);
  const api::Container* one = &container;  // within *pod
  co_return co_await offload(pool_, [pod, one, variables, paths, attempt] {
    return make_mounts(*pod, *one, variables, paths, attempt);
  });
}

awaitable<Status> Volumes::write_hosts(PodPtr pod, std::vector<std::string> pod_ips) {
  co_return co_await offload(pool_, [this, pod, pod_ips]() -> Status {
    const PodPaths paths(options_, *pod);
    std::string host;
    if (pod->spec.hostNetwork) host = read_file("/etc/hosts").value_or("");
    const std::string text = hosts_file(*pod, options_, pod_ips, host);
    if (auto present = read_file(paths.hosts_file()); present.ok() && *present == text)
      return absl::OkStatus();
    RETURN_IF_ERROR(make_directories(paths.root()));
    return write_file_atomic(paths.hosts_file(), text, 0644);
  });
}

awaitable<Status> Volumes::remove(PodPaths paths) {
  co_return co_await offload(pool_, [paths]() -> Status {
    RETURN_IF_ERROR(remove_tree(paths.root()));
    return remove_tree(paths.logs());
  });
}

}  // namespace skiff::kubelet
