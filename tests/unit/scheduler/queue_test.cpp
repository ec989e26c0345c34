// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/queue.h"

#include <gtest/gtest.h>

#include "controller/scheduler/plugins/plugins.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::scheduler {
namespace {

using namespace std::chrono_literals;

PodPtr pod(const std::string& name, int32_t priority = 0, int64_t generation = 1) {
  return PodBuilder(name)
      .on("")
      .with([&](api::Pod& made) {
        made.spec.priority = priority;
        made.metadata.generation = generation;
      })
      .share();
}

class QueueTest : public testing::Test {
 protected:
  std::string pop() {
    const PodPtr next = queue_.pop(clock_.now());
    return next ? next->metadata.name : "";
  }
  FakeClock clock_;
  Queue queue_{priority_sort()};
};

TEST_F(QueueTest, PriorityFirstThenAge) {
  queue_.add(pod("old"), clock_.now());
  clock_.advance(1s);
  queue_.add(pod("young"), clock_.now());
  queue_.add(pod("urgent", 100), clock_.now());
  EXPECT_EQ(pop(), "urgent");
  EXPECT_EQ(pop(), "old");
  EXPECT_EQ(pop(), "young");
  EXPECT_EQ(pop(), "");
}

TEST_F(QueueTest, AnUnschedulablePodWaitsForAChangeAndItsBackOff) {
  queue_.add(pod("p"), clock_.now());
  ASSERT_EQ(pop(), "p");
  queue_.add_unschedulable(pod("p"), clock_.now());
  clock_.advance(1h);
  EXPECT_EQ(pop(), "");  // nothing changed
  EXPECT_FALSE(queue_.next_due());
  queue_.retry_all(clock_.now());
  EXPECT_EQ(pop(), "p");

  queue_.add_unschedulable(pod("p"), clock_.now());
  queue_.retry_all(clock_.now());
  EXPECT_EQ(pop(), "");
  ASSERT_TRUE(queue_.next_due());
  EXPECT_EQ(*queue_.next_due(), clock_.now() + 2s);  // the second time
  clock_.advance(2s);
  EXPECT_EQ(pop(), "p");
}

TEST_F(QueueTest, BackOffDoublesToTenSeconds) {
  queue_.add(pod("p"), clock_.now());
  for (const auto wait : {1s, 2s, 4s, 8s, 10s, 10s}) {
    ASSERT_EQ(pop(), "p");
    queue_.add_unschedulable(pod("p"), clock_.now());
    queue_.retry_all(clock_.now());
    EXPECT_EQ(*queue_.next_due(), clock_.now() + wait);
    clock_.advance(wait);
  }
}

TEST_F(QueueTest, AChangedPodIsTriedAgain) {
  queue_.add(pod("p"), clock_.now());
  pop();
  queue_.add_unschedulable(pod("p"), clock_.now());
  clock_.advance(5s);
  queue_.add(pod("p"), clock_.now());  // only its status changed
  EXPECT_EQ(pop(), "");
  queue_.add(pod("p", 0, 2), clock_.now());
  EXPECT_EQ(pop(), "p");
}

TEST_F(QueueTest, ARemovedPodIsForgotten) {
  queue_.add(pod("a"), clock_.now());
  queue_.remove({"default", "a"});
  EXPECT_EQ(pop(), "");
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(QueueTest, AChangedPriorityCounts) {
  queue_.add(pod("a"), clock_.now());
  queue_.add(pod("b"), clock_.now());
  queue_.add(pod("b", 10), clock_.now());
  EXPECT_EQ(pop(), "b");
  EXPECT_EQ(pop(), "a");
  EXPECT_EQ(pop(), "");
}

}  // namespace
}  // namespace skiff::scheduler
