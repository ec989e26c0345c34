// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/housekeeping.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/kubelet/cgroup.h"
#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/volumes/mounts.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

constexpr int kImageRounds = 30;       // of 10 s: every 5 min
constexpr uint64_t kHighPercent = 85;  // above it images go, until kLowPercent
constexpr uint64_t kLowPercent = 80;

std::string value_of(const runtime::StringMap& map, const char* key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

std::string time_suffix() {
  const std::time_t now = std::time(nullptr);
  struct tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
  return text;
}

// Of a directory NAMESPACE_NAME_UID; else empty.
std::string uid_of_logs(const fs::path& directory) {
  const std::string name = directory.filename();
  return std::count(name.begin(), name.end(), '_') == 2 ? name.substr(name.rfind('_') + 1) : "";
}

// How much must go from the file system of `path` to reach the low mark; 0 below the high mark.
uint64_t excess_bytes(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0 || info.f_blocks == 0) return 0;
  const uint64_t total = info.f_blocks * info.f_frsize;
  const uint64_t used = (info.f_blocks - info.f_bavail) * info.f_frsize;
  if (used < total / 100 * kHighPercent) return 0;
  return used - total / 100 * kLowPercent;
}

}  // namespace

std::vector<std::string> plan_image_removal(const std::vector<runtime::Image>& images,
                                            const std::vector<runtime::Container>& containers,
                                            uint64_t excess) {
  std::set<std::string> used;
  for (const auto& container : containers) {
    used.insert(container.image);
    used.insert(container.image_ref);
  }
  auto in_use = [&](const runtime::Image& image) {
    if (image.pinned || used.contains(image.id)) return true;
    for (const auto* names : {&image.repo_tags, &image.repo_digests})
      for (const auto& name : *names)
        // Pause images are of no container, and no node can do without.
        if (used.contains(name) || name.find("pause") != std::string::npos) return true;
    return false;
  };
  std::vector<const runtime::Image*> candidates;
  for (const auto& image : images)
    if (!in_use(image)) candidates.push_back(&image);
  std::sort(candidates.begin(), candidates.end(),
            [](const auto* a, const auto* b) { return a->size_bytes > b->size_bytes; });
  std::vector<std::string> remove;
  uint64_t freed = 0;
  for (const auto* image : candidates) {
    if (freed >= excess) break;
    freed += image->size_bytes;
    remove.push_back(image->id);
  }
  return remove;
}

Status rotate_log(const fs::path& log, int max_files, const std::string& time) {
  const fs::path moved = log.string() + "." + time;
  if (::rename(log.c_str(), moved.c_str()) != 0)
    return errno_status(errno, "rotate " + log.string());
  std::vector<fs::path> old;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(log.parent_path(), error))
    if (entry.path().filename().string().starts_with(log.filename().string() + "."))
      old.push_back(entry.path());
  std::sort(old.begin(), old.end());
  for (size_t i = 0; i + static_cast<size_t>(max_files) - 1 < old.size(); ++i)
    fs::remove(old[i], error);
  return absl::OkStatus();
}

std::set<std::string> pods_on_disk(const Options& options) {
  std::error_code error;
  std::set<std::string> uids;
  for (const auto& entry : fs::directory_iterator(options.data_dir / "pods", error))
    uids.insert(entry.path().filename());
  for (const auto& entry : fs::directory_iterator(options.log_dir, error))
    if (const std::string uid = uid_of_logs(entry.path()); !uid.empty()) uids.insert(uid);
  return uids;
}

Status remove_leftovers(const Options& options, const std::set<std::string>& uids) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options.log_dir, error))
    if (uids.contains(uid_of_logs(entry.path()))) RETURN_IF_ERROR(remove_tree(entry.path()));
  for (const auto& uid : uids) {
    RETURN_IF_ERROR(remove_tree(options.data_dir / "pods" / uid));
    RETURN_IF_ERROR(remove_pod_cgroup(options, uid));
  }
  return absl::OkStatus();
}

awaitable<Status> Housekeeping::run() {
  CO_ASSIGN_OR_RETURN(const auto containers, (co_await runtime_.list_containers({})));
  CO_RETURN_IF_ERROR(co_await rotate_logs(containers), "rotate logs");
  if (++rounds_ % kImageRounds == 0 && !options_.image_pull_fallback)
    CO_RETURN_IF_ERROR(co_await remove_images(containers), "remove images");
  co_return absl::OkStatus();
}

awaitable<Status> Housekeeping::rotate_logs(const std::vector<runtime::Container>& containers) {
  for (const auto& container : containers) {
    if (container.state != runtime::ContainerState::Running) continue;
    const PodPaths paths(options_, value_of(container.labels, kPodNamespaceLabel),
                         value_of(container.labels, kPodNameLabel),
                         value_of(container.labels, kPodUidLabel));
    const fs::path log = paths.log_file(container.name, container.attempt);
    std::error_code error;
    const auto size = fs::file_size(log, error);
    if (error || size < static_cast<uintmax_t>(options_.max_log_bytes)) continue;
    const int files = options_.max_log_files;
    const std::string time = time_suffix();
    CO_RETURN_IF_ERROR(
        co_await offload(pool_, [log, files, time] { return rotate_log(log, files, time); }));
    if (const Status reopened = co_await runtime_.reopen_log(container.id); !reopened.ok()) {
      // The runtime still writes to the moved file: put it back rather than lose it.
      fs::rename(log.string() + "." + time, log, error);
      co_return reopened;
    }
  }
  co_return absl::OkStatus();
}

awaitable<Status> Housekeeping::remove_images(const std::vector<runtime::Container>& containers) {
  CO_ASSIGN_OR_RETURN(const auto filesystems, (co_await runtime_.image_filesystems()));
  uint64_t excess = 0;
  for (const auto& filesystem : filesystems)
    excess = std::max(excess, excess_bytes(filesystem.mountpoint));
  if (excess == 0) co_return absl::OkStatus();
  CO_ASSIGN_OR_RETURN(const auto images, (co_await runtime_.list_images()));
  for (const auto& id : plan_image_removal(images, containers, excess))
    CO_RETURN_IF_ERROR(co_await runtime_.remove_image(id));
  co_return absl::OkStatus();
}

}  // namespace skiff::kubelet
