// SPDX-License-Identifier: Apache-2.0
#include "agent/network/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/unique_fd.h"

namespace skiff::network {
namespace {

constexpr std::string_view kSuffix = ".json";

}  // namespace

Status Journal::prepare() const {
  return make_directories(directory_, 0700);
}

Status Journal::write(const Attachment& attachment) const {
  const std::filesystem::path path = path_of(attachment.key());
  const std::string temporary = path.string() + ".new";
  const std::string text = encode(attachment);
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return errno_status(errno, fmt::format("create {}", temporary));
  const ssize_t written = ::write(fd.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    const int error = written < 0 ? errno : ENOSPC;
    (void)::unlink(temporary.c_str());
    return errno_status(error, fmt::format("write {}", temporary));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return errno_status(errno, fmt::format("rename {}", temporary));
  return absl::OkStatus();
}

Status Journal::remove(const std::string& key) const {
  const std::filesystem::path path = path_of(key);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return errno_status(errno, fmt::format("remove {}", path.string()));
  return absl::OkStatus();
}

Result<std::vector<Attachment>> Journal::read_all(int& discarded) const {
  std::vector<Attachment> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename();
    Result<Attachment> attachment = data_loss("left unfinished");
    if (name.ends_with(kSuffix)) {
      ASSIGN_OR_RETURN(const std::string text, read_file(entry.path()), "read journal");
      attachment = decode_attachment(text);
    }
    if (attachment.ok() && attachment->key() + std::string(kSuffix) == name) {
      found.push_back(std::move(attachment).value());
      continue;
    }
    ++discarded;
    (void)::unlink(entry.path().c_str());
  }
  if (error) return errno_status(error.value(), fmt::format("list {}", directory_.string()));
  return found;
}

std::filesystem::path Journal::path_of(const std::string& key) const {
  return directory_ / (key + std::string(kSuffix));
}

std::vector<std::string> take_tombstones(const std::filesystem::path& directory) {
  std::vector<std::string> keys;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    keys.push_back(entry.path().filename());
    (void)::unlink(entry.path().c_str());
  }
  return keys;
}

}  // namespace skiff::network
