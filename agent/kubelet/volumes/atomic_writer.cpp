// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/atomic_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <set>

#include "base/file.h"
#include "base/unique_fd.h"

namespace skiff::kubelet {
namespace fs = std::filesystem;
namespace {

constexpr char kData[] = "..data";
constexpr char kDataTemporary[] = "..data_tmp";

// The visible name of a file: the first part of its path.
std::string top_of(const std::string& path) {
  return path.substr(0, path.find('/'));
}

bool is_as_wanted(const fs::path& path, const VolumeFile& file, std::optional<int64_t> gid) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return false;
  const bool same_mode = (info.st_mode & 07777) == static_cast<mode_t>(file.mode);
  if (!same_mode || (gid && info.st_gid != *gid)) return false;
  if (static_cast<size_t>(info.st_size) != file.content.size()) return false;
  const auto content = read_file(path);
  return content.ok() && *content == file.content;
}

bool same_content(const fs::path& data, const VolumeFiles& files, std::optional<int64_t> gid) {
  std::error_code error;
  if (!fs::is_directory(data, error)) return false;
  size_t present = 0;
  for (auto it = fs::recursive_directory_iterator(data, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_directory(error)) continue;
    const auto wanted = files.find(it->path().lexically_relative(data));
    if (wanted == files.end() || !is_as_wanted(it->path(), wanted->second, gid)) return false;
    ++present;
  }
  return !error && present == files.size();
}

Status write_file(const fs::path& path, const VolumeFile& file, std::optional<int64_t> gid) {
  RETURN_IF_ERROR(make_directories(path.parent_path()));
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return errno_status(errno, path.string());
  std::string_view rest = file.content;
  while (!rest.empty()) {
    const ssize_t n = ::write(fd.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_status(errno, path.string());
    rest.remove_prefix(static_cast<size_t>(n));
  }
  const uid_t uid = file.owner ? static_cast<uid_t>(*file.owner) : static_cast<uid_t>(-1);
  const gid_t group = gid ? static_cast<gid_t>(*gid) : static_cast<gid_t>(-1);
  if ((file.owner || gid) && ::fchown(fd.get(), uid, group) != 0)
    return errno_status(errno, "chown " + path.string());
  // After chown, which clears set-id bits, and past the umask.
  if (::fchmod(fd.get(), static_cast<mode_t>(file.mode)) != 0)
    return errno_status(errno, "chmod " + path.string());
  return absl::OkStatus();
}

Status replace_link(const fs::path& link, const fs::path& temporary, const fs::path& target) {
  ::unlink(temporary.c_str());
  if (::symlink(target.c_str(), temporary.c_str()) != 0)
    return errno_status(errno, "link " + temporary.string());
  if (::rename(temporary.c_str(), link.c_str()) != 0)
    return errno_status(errno, "rename " + link.string());
  return absl::OkStatus();
}

// Visible names for new files, none for those that went.
Status sync_visible(const fs::path& directory, const VolumeFiles& files) {
  std::set<std::string> wanted;
  for (const auto& [path, file] : files) wanted.insert(top_of(path));
  for (const auto& name : wanted) {
    const fs::path link = directory / name;
    std::error_code error;
    if (fs::is_symlink(link, error)) continue;
    RETURN_IF_ERROR(replace_link(link, directory / ("..tmp_" + name), fs::path(kData) / name));
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("..") && !wanted.contains(name)) ::unlink(entry.path().c_str());
  }
  return absl::OkStatus();
}

// A directory name of Kubernetes' form: `..2006_01_02_15_04_05.123456789`.
std::string dated_name() {
  struct timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  struct tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  char text[32];
  std::strftime(text, sizeof text, "..%Y_%m_%d_%H_%M_%S", &parts);
  return fmt::format("{}.{:09}", text, now.tv_nsec);
}

}  // namespace

Status check_relative_path(const std::string& path) {
  if (path.empty()) return invalid_argument("invalid path: must not be empty");
  if (path.front() == '/') return invalid_argument("invalid path \"{}\": must be relative", path);
  if (path.starts_with(".."))
    return invalid_argument("invalid path \"{}\": must not begin with \"..\"", path);
  for (const auto& part : fs::path(path))
    if (part == "..") return invalid_argument("invalid path \"{}\": must not hold \"..\"", path);
  return absl::OkStatus();
}

Result<bool> write_volume(const fs::path& directory, const VolumeFiles& files,
                          std::optional<int64_t> gid) {
  for (const auto& [path, file] : files) RETURN_IF_ERROR(check_relative_path(path));
  RETURN_IF_ERROR(make_directories(directory));
  if (same_content(directory / kData, files, gid)) {
    RETURN_IF_ERROR(sync_visible(directory, files));  // a crash may have come between
    return false;
  }
  const std::string dated = dated_name();
  const fs::path fresh = directory / dated;
  RETURN_IF_ERROR(make_directories(fresh));
  for (const auto& [path, file] : files) RETURN_IF_ERROR(write_file(fresh / path, file, gid));

  std::error_code error;
  const fs::path old = fs::read_symlink(directory / kData, error);
  RETURN_IF_ERROR(replace_link(directory / kData, directory / kDataTemporary, dated));
  RETURN_IF_ERROR(sync_visible(directory, files));
  // Also what an interrupted write left.
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("..2") && name != dated) fs::remove_all(entry.path(), error);
  }
  return true;
}

}  // namespace skiff::kubelet
