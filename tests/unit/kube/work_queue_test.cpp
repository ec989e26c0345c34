// SPDX-License-Identifier: Apache-2.0
#include "kube/work_queue.h"

#include <gtest/gtest.h>

namespace skiff::kube {
namespace {

using namespace std::chrono_literals;

const ObjectKey kA{"shop", "a"};
const ObjectKey kB{"shop", "b"};

// Takes `count` keys, giving each back at once.
awaitable<void> take(WorkQueue& queue, size_t count, std::vector<ObjectKey>& taken) {
  while (taken.size() < count) {
    const auto key = co_await queue.take();
    if (!key) co_return;
    taken.push_back(*key);
    queue.done(*key);
  }
}

std::vector<ObjectKey> drain(asio::io_context& io, WorkQueue& queue, size_t count) {
  std::vector<ObjectKey> taken;
  spawn(io.get_executor(), "take", take(queue, count, taken));
  io.restart();
  io.run_for(500ms);
  return taken;
}

TEST(WorkQueue, CountsUnderTheNamesOfClientGo) {
  asio::io_context io;
  metrics::Registry registry;
  QueueMetrics metrics(registry, "test");
  WorkQueue queue(io.get_executor(), {.first = 1ms, .most = 1ms}, &metrics);
  queue.add(kA);
  queue.add(kB);
  queue.add(kA);
  const auto shown = [&](const std::string& line) {
    return metrics::text(registry).find(line + "\n") != std::string::npos;
  };
  EXPECT_TRUE(shown("workqueue_depth{name=\"test\"} 2"));
  EXPECT_TRUE(shown("workqueue_adds_total{name=\"test\"} 2"));
  drain(io, queue, 2);
  EXPECT_TRUE(shown("workqueue_depth{name=\"test\"} 0"));
  EXPECT_TRUE(shown("workqueue_queue_duration_seconds_count{name=\"test\"} 2"));
  queue.add_backed_off(kA);
  EXPECT_TRUE(shown("workqueue_retries_total{name=\"test\"} 1"));
}

TEST(WorkQueue, HandsOutInOrderAndCollapsesRepeats) {
  asio::io_context io;
  WorkQueue queue(io.get_executor());
  queue.add(kA);
  queue.add(kB);
  queue.add(kA);
  EXPECT_EQ(queue.depth(), 2u);
  EXPECT_EQ(drain(io, queue, 2), (std::vector{kA, kB}));
}

awaitable<void> add_while_processing(WorkQueue& queue, std::vector<ObjectKey>& taken) {
  const auto first = co_await queue.take();
  queue.add(*first);
  queue.add(*first);
  EXPECT_EQ(queue.depth(), 0u) << "a key in work must not be handed out a second time";
  queue.done(*first);
  const auto again = co_await queue.take();
  taken.push_back(*again);
  queue.done(*again);
  EXPECT_TRUE(queue.idle());
}

TEST(WorkQueue, AKeyAddedWhileInWorkComesBackOnceAfterDone) {
  asio::io_context io;
  WorkQueue queue(io.get_executor());
  std::vector<ObjectKey> taken;
  queue.add(kA);
  spawn(io.get_executor(), "test", add_while_processing(queue, taken));
  io.run_for(500ms);
  EXPECT_EQ(taken, std::vector{kA});
}

TEST(WorkQueue, IsBehindUntilAllIsDoneAndNothingFails) {
  asio::io_context io;
  WorkQueue queue(io.get_executor());
  EXPECT_FALSE(queue.behind_since());
  queue.add(kA);
  const auto since = queue.behind_since();
  ASSERT_TRUE(since);
  queue.add_backed_off(kB);
  drain(io, queue, 1);
  EXPECT_EQ(queue.behind_since(), since);  // kB has failed
  queue.forget(kB);
  queue.add(kA);
  drain(io, queue, 2);
  EXPECT_FALSE(queue.behind_since());
}

TEST(WorkQueue, TheEarlierOfTwoDelaysCounts) {
  asio::io_context io;
  WorkQueue queue(io.get_executor());
  queue.add_after(kA, 10s);
  queue.add_after(kA, 1ms);
  queue.add_after(kB, 20ms);
  EXPECT_EQ(drain(io, queue, 2), (std::vector{kA, kB}));
}

TEST(WorkQueue, FailuresDoubleTheDelayUntilForgotten) {
  asio::io_context io;
  WorkQueue queue(io.get_executor(), {.first = 1ms, .most = 4ms});
  for (int i = 0; i < 3; ++i) {
    queue.add_backed_off(kA);
    EXPECT_EQ(drain(io, queue, 1), std::vector{kA});
  }
  EXPECT_EQ(queue.failures(kA), 3);
  queue.forget(kA);
  EXPECT_EQ(queue.failures(kA), 0);
}

TEST(WorkQueue, ShuttingDownWakesItsTakers) {
  asio::io_context io;
  WorkQueue queue(io.get_executor());
  std::vector<ObjectKey> taken;
  spawn(io.get_executor(), "take", take(queue, 1, taken));
  io.poll();
  queue.shut_down();
  io.run();  // returns because no taker is left
  EXPECT_TRUE(taken.empty());
}

}  // namespace
}  // namespace skiff::kube
