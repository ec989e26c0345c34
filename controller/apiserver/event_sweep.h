// SPDX-License-Identifier: Apache-2.0
// Events live an hour.
#pragma once

#include "controller/apiserver/backend.h"

namespace skiff::apiserver {

inline constexpr std::chrono::hours kEventLifetime{1};

// Keys of the Events among `records` that nobody has written to since `now` - kEventLifetime.
std::vector<std::string> expired_events(const std::vector<store::RecordPtr>& records,
                                        TimePoint now);

// Removes expired events every minute. Never returns; `backend` must outlive the loop.
awaitable<void> sweep_events(Backend& backend);

}  // namespace skiff::apiserver
