// SPDX-License-Identifier: Apache-2.0
// The event loop of a daemon: Boost.Asio with C++20 coroutines. One thread runs the loop and owns
// all state; what blocks runs in a pool (`offload`) and comes back to the loop. No mutex in feature
// code (DESIGN section 4).
#pragma once

#include <boost/asio.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace skiff {

namespace asio = boost::asio;

template <class T>
using awaitable = asio::awaitable<T>;
using Executor = asio::any_io_executor;

// Starts `task` on `executor`. A task must not throw: an escaping exception is a bug and ends the
// process, naming `name`.
void spawn(const Executor& executor, std::string name, awaitable<void> task);

// Suspends for `duration`. Returns false if the wait was cancelled.
awaitable<bool> sleep_for(std::chrono::nanoseconds duration);

// Runs `work` in `pool` and resumes on the caller's executor with its result (a
// default-constructible, movable value, or void).
template <class Work>
awaitable<std::invoke_result_t<Work>> offload(asio::thread_pool& pool, Work work) {
  using R = std::invoke_result_t<Work>;
  auto home = co_await asio::this_coro::executor;
  if constexpr (std::is_void_v<R>) {
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
        [&](auto handler) {
          asio::post(pool, [home, work = std::move(work), handler = std::move(handler)]() mutable {
            work();
            asio::post(home, [handler = std::move(handler)]() mutable { std::move(handler)(); });
          });
        },
        asio::use_awaitable);
  } else {
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(R)>(
        [&](auto handler) {
          asio::post(pool, [home, work = std::move(work), handler = std::move(handler)]() mutable {
            R result = work();
            asio::post(home, [handler = std::move(handler), result = std::move(result)]() mutable {
              std::move(handler)(std::move(result));
            });
          });
        },
        asio::use_awaitable);
  }
}

// A condition that coroutines of one loop wait for. notify() wakes every waiter; a waiter re-checks
// its own predicate.
class Event {
 public:
  explicit Event(const Executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}

  // Suspends until the next notify(), or until `timeout`. Returns true if notified.
  awaitable<bool> wait(std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max());
  void notify();

 private:
  asio::steady_timer timer_;
  uint64_t generation_ = 0;
};

}  // namespace skiff
