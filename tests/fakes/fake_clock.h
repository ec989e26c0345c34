// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace skiff {

// A clock that stands still until told otherwise.
class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration by) { now_ += std::chrono::duration_cast<TimePoint::duration>(by); }

 private:
  TimePoint now_ = TimePoint(std::chrono::seconds(1'700'000'000));
};

}  // namespace skiff
