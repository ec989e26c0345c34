// SPDX-License-Identifier: Apache-2.0
// Time as a parameter: plans take a TimePoint, the code around them takes a Clock. Tests use
// tests/fakes/fake_clock.h.
#pragma once

#include <chrono>

namespace skiff {

using TimePoint = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace skiff
