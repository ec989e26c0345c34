// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include "base/async.h"

namespace skiff {

// What `task` comes to. Whatever else waits on `io` goes on meanwhile. A task that stands still for
// 30 s ends the test program: it would hang otherwise.
template <class T>
T run_on(asio::io_context& io, awaitable<T> task) {
  std::optional<T> result;
  asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result.emplace(std::move(value));
  });
  while (!result) {
    if (io.stopped()) io.restart();
    if (io.run_one_for(std::chrono::seconds(30)) > 0) continue;
    ADD_FAILURE() << "the task waits for something that does not happen";
    std::abort();
  }
  return *std::move(result);
}

}  // namespace skiff
