// SPDX-License-Identifier: Apache-2.0
// What a command does, as its user sees it: a line a step, with a mark and the time it took.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"

namespace skiff::cli {

class Steps {
 public:
  Steps() : begun_(Clock::now()) {}
  // Runs `work` and prints how it went.
  Status run(const std::string& title, const std::function<Status()>& work);
  // Seconds since construction, as "1.2 s".
  std::string elapsed() const;

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begun_;
};

}  // namespace skiff::cli
