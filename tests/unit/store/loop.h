// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/async.h"
#include "controller/store/store.h"
#include "tests/run_on.h"

namespace skiff::store {

// An event loop that runs one task to its end at a time; tasks started beside it go on meanwhile.
struct Loop {
  asio::io_context io;
  Executor executor = io.get_executor();

  template <class T>
  T run(awaitable<T> task) {
    return run_on(io, std::move(task));
  }

  // What is ready now.
  void poll() {
    io.restart();
    io.poll();
  }
};

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (where() / "skiff-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  // In memory where there is room: what a killed process has written stays there as on a disk, and
  // an fsync costs nothing.
  static std::filesystem::path where() {
    constexpr const char* kMemory = "/dev/shm";
    constexpr uintmax_t kRoom = 1u << 30;
    std::error_code error;
    const auto space = std::filesystem::space(kMemory, error);
    const bool fits = !error && space.available >= kRoom && ::access(kMemory, W_OK) == 0;
    return fits && std::getenv("TMPDIR") == nullptr ? kMemory
                                                    : std::filesystem::temp_directory_path();
  }

  std::filesystem::path path_;
};

// A small object with its revision inside.
inline ValueMaker object(std::string_view data) {
  return spliced(
      fmt::format(R"({{"metadata":{{"name":"x","resourceVersion":""}},"data":"{}"}})", data));
}

inline std::string object_text(std::string_view data, int64_t revision) {
  return fmt::format(R"({{"metadata":{{"name":"x","resourceVersion":"{}"}},"data":"{}"}})",
                     revision, data);
}

inline std::vector<std::string> keys(const Snapshot& snapshot) {
  std::vector<std::string> keys;
  for (const RecordPtr& record : snapshot.records) keys.push_back(record->key);
  return keys;
}

}  // namespace skiff::store
