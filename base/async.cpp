// SPDX-License-Identifier: Apache-2.0
#include "base/async.h"

#include <spdlog/spdlog.h>

#include <cstdlib>

namespace skiff {

void spawn(const Executor& executor, std::string name, awaitable<void> task) {
  asio::co_spawn(executor, std::move(task),
                 [name = std::move(name)](const std::exception_ptr& failure) {
                   if (!failure) return;
                   try {
                     std::rethrow_exception(failure);
                   } catch (const std::exception& e) {
                     spdlog::critical("task {} threw: {}", name, e.what());
                   } catch (...) {
                     spdlog::critical("task {} threw", name);
                   }
                   std::abort();
                 });
}

awaitable<bool> sleep_for(std::chrono::nanoseconds duration) {
  asio::steady_timer timer(
      co_await asio::this_coro::executor,
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(duration));
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

awaitable<bool> Event::wait(std::chrono::nanoseconds timeout) {
  const uint64_t seen = generation_;
  boost::system::error_code error;
  if (timeout == std::chrono::nanoseconds::max()) {
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return true;
  }
  // A bounded wait needs a timer of its own, polled by notify() through the shared one.
  asio::steady_timer bound(timer_.get_executor(), timeout);
  bound.async_wait([this](const boost::system::error_code& expired) {
    if (!expired) timer_.cancel();
  });
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  bound.cancel();
  co_return generation_ != seen;
}

void Event::notify() {
  ++generation_;
  timer_.cancel();
}

}  // namespace skiff
