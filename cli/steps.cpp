// SPDX-License-Identifier: Apache-2.0
#include "cli/steps.h"

#include <unistd.h>

#include <cstdio>

namespace skiff::cli {
namespace {

std::string in_words(std::chrono::steady_clock::duration duration) {
  using std::chrono::duration_cast;
  const auto ms = duration_cast<std::chrono::milliseconds>(duration).count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
}

}  // namespace

Status Steps::run(const std::string& title, const std::function<Status()>& work) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  if (terminal) fmt::print("   {} …", title);
  std::fflush(stdout);
  const auto begun = Clock::now();
  const Status status = work();
  const std::string time = in_words(Clock::now() - begun);
  const std::string_view erase = terminal ? "\r\033[K" : "";
  if (status.ok()) {
    fmt::print("{} ✓ {} ({})\n", erase, title, time);
  } else {
    fmt::print("{} ✗ {} ({}): {}\n", erase, title, time, message(status));
  }
  std::fflush(stdout);
  return status;
}

std::string Steps::elapsed() const {
  return in_words(Clock::now() - begun_);
}

}  // namespace skiff::cli
