// SPDX-License-Identifier: Apache-2.0
// The growing wait before something that keeps failing is tried again: 10 s, doubled to 5 min,
// forgotten after 10 min without a failure (Kubernetes' CrashLoopBackOff and ImagePullBackOff).
// Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/clock.h"

namespace skiff::kubelet {

inline constexpr std::chrono::seconds kBackoffFirst{10};
inline constexpr std::chrono::seconds kBackoffMost{300};
inline constexpr std::chrono::seconds kBackoffForget = 2 * kBackoffMost;

class Backoff {
 public:
  // Until when an attempt must wait after a failure at `failed`; nothing if it may go ahead at
  // `now`. The first failure costs no wait.
  std::optional<TimePoint> blocked_until(TimePoint failed, TimePoint now) const {
    if (delay_ == std::chrono::seconds(0) || failed - updated_ > kBackoffForget)
      return std::nullopt;
    const TimePoint until = failed + delay_;
    return until > now ? std::optional(until) : std::nullopt;
  }

  // Counts an attempt that follows a failure at `failed`.
  void advance(TimePoint failed) {
    if (delay_ == std::chrono::seconds(0) || failed - updated_ > kBackoffForget)
      delay_ = kBackoffFirst;
    else
      delay_ = std::min(delay_ * 2, kBackoffMost);
    updated_ = failed;
  }

  std::chrono::seconds delay() const { return delay_; }

 private:
  std::chrono::seconds delay_{0};
  TimePoint updated_{};
};

}  // namespace skiff::kubelet
