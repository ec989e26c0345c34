// SPDX-License-Identifier: Apache-2.0
// The token that requests carry: one for good, or the content of a file that somebody renews (a
// service account's token lives an hour).
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace skiff::kube {

class BearerToken {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit BearerToken(std::string token) : token_(std::move(token)) {}
  // `token`: what the file held a moment ago.
  BearerToken(std::string token, std::filesystem::path file, Time read_at)
      : token_(std::move(token)), file_(std::move(file)), read_at_(read_at) {}

  // Reads the file again once a minute, and at once after refused(). A file that cannot be read
  // leaves the last token.
  const std::string& current(Time now);
  // The server does not take it.
  void refused() { stale_ = true; }

 private:
  std::string token_;
  std::filesystem::path file_;  // empty: none
  Time read_at_{};
  bool stale_ = false;
};

}  // namespace skiff::kube
