// SPDX-License-Identifier: Apache-2.0
// What it costs to wait: coroutines of one loop against threads, in resident memory (ADR 0002).
// waiting_bench [COUNT]
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "base/async.h"
#include "base/file.h"

namespace skiff {
namespace {

double resident_bytes() {
  const std::string text = read_file("/proc/self/statm").value();
  return std::strtod(text.c_str() + text.find(' '), nullptr) * 4096;
}

awaitable<void> wait_inside(Event& event) {
  co_await event.wait();
}
// Two frames deep, as a watch that waits for its next event.
awaitable<void> wait_for(Event& event) {
  co_await wait_inside(event);
}

double coroutine_bytes(int count) {
  asio::io_context loop;
  Event event(loop.get_executor());
  const double before = resident_bytes();
  for (int i = 0; i < count; ++i) spawn(loop.get_executor(), "wait", wait_for(event));
  loop.poll();
  const double cost = (resident_bytes() - before) / count;
  event.notify();
  loop.run();
  return cost;
}

double thread_bytes(int count) {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  int waiting = 0;
  const double before = resident_bytes();
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&] {
      std::unique_lock lock(mutex);
      ++waiting;
      changed.notify_all();
      changed.wait(lock, [&] { return over; });
    });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return waiting == count; });
  const double cost = (resident_bytes() - before) / count;
  over = true;
  lock.unlock();
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  return cost;
}

}  // namespace
}  // namespace skiff

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int threads = count / 10;  // machines have limits
  if (threads < 1) {
    std::fprintf(stderr, "waiting_bench: COUNT %s: want 10 or more\n", argv[1]);
    return 2;
  }
  std::printf("%d waiting coroutines: %.0f bytes each\n", count, skiff::coroutine_bytes(count));
  std::printf("%d waiting threads: %.0f bytes each, beside 8 MB of address space\n", threads,
              skiff::thread_bytes(threads));
}
