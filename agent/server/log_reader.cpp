// SPDX-License-Identifier: Apache-2.0
#include "agent/server/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/unique_fd.h"

namespace skiff::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kPollPeriod = 100ms;
constexpr auto kRunningPeriod = 1s;
constexpr size_t kBlock = 64 * 1024;

// An open log file and what of it has been read.
class LogFile {
 public:
  static Result<LogFile> open(const std::string& path) {
    LogFile file;
    file.fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.fd_) return errno_status(errno, fmt::format("open {}", path));
    return file;
  }

  // Moves to where the last `lines` lines begin, reading backwards block by block.
  void seek_tail(int64_t lines) {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return;
    off_t begin = info.st_size;
    std::string tail;
    while (begin > 0) {
      const off_t block = std::min<off_t>(begin, kBlock);
      begin -= block;
      std::string piece(static_cast<size_t>(block), '\0');
      if (::pread(fd_.get(), piece.data(), piece.size(), begin) != block) break;
      tail.insert(0, piece);
      if (const size_t offset = tail_offset(tail, lines); offset > 0) {
        begin += static_cast<off_t>(offset);
        break;
      }
    }
    offset_ = begin;
  }

  // Whole lines that follow, at most a block of them; empty at the end of what is written.
  std::string read_lines() {
    std::string block(kBlock, '\0');
    for (;;) {
      const ssize_t got = ::pread(fd_.get(), block.data(), block.size(), offset_);
      if (got <= 0) return "";
      const size_t end = std::string_view(block.data(), static_cast<size_t>(got)).rfind('\n');
      if (end == std::string::npos) {
        if (static_cast<size_t>(got) < block.size()) return "";  // the line is still being written
        block.resize(block.size() * 2);
        continue;
      }
      block.resize(end + 1);
      offset_ += static_cast<off_t>(end + 1);
      return block;
    }
  }

  bool is_file_at(const std::string& path) const {
    struct stat mine{};
    struct stat there{};
    return ::fstat(fd_.get(), &mine) == 0 && ::stat(path.c_str(), &there) == 0 &&
           mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
  }

 private:
  UniqueFd fd_;
  off_t offset_ = 0;
};

awaitable<Status> write_lines(std::string_view lines, LogFormatter& formatter,
                              http::ResponseWriter& writer) {
  std::string out;
  while (!lines.empty() && !formatter.full()) {
    const size_t end = lines.find('\n');
    formatter.append(lines.substr(0, end), out);
    lines.remove_prefix(end + 1);
  }
  if (out.empty()) co_return absl::OkStatus();
  co_return co_await writer.write(std::make_shared<const std::string>(std::move(out)));
}

}  // namespace

awaitable<Status> send_log(std::string path, LogOptions options,
                           std::function<awaitable<bool>()> running, http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(LogFile file, LogFile::open(path));
  if (options.tail_lines) file.seek_tail(*options.tail_lines);
  http::Headers headers;
  headers.set("content-type", "text/plain");
  CO_RETURN_IF_ERROR(co_await writer.start(200, std::move(headers)));
  LogFormatter formatter(options);
  bool more = options.follow;
  auto asked_at = std::chrono::steady_clock::now() - kRunningPeriod;
  while (!writer.cancelled() && !formatter.full()) {
    const std::string lines = file.read_lines();
    if (!lines.empty()) {
      CO_RETURN_IF_ERROR(co_await write_lines(lines, formatter, writer));
      continue;
    }
    if (!file.is_file_at(path)) {  // rotated
      auto next = LogFile::open(path);
      if (next.ok()) {
        // The runtime wrote into the old file until the new one was there.
        for (std::string rest; !(rest = file.read_lines()).empty();)
          CO_RETURN_IF_ERROR(co_await write_lines(rest, formatter, writer));
        file = *std::move(next);
        continue;
      }
    }
    if (!more) break;
    co_await sleep_for(kPollPeriod);
    if (std::chrono::steady_clock::now() - asked_at >= kRunningPeriod) {
      asked_at = std::chrono::steady_clock::now();
      more = co_await running();  // one more round reads what came before it ended
    }
  }
  co_return absl::OkStatus();
}

}  // namespace skiff::server
