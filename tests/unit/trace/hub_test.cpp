// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hub.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/unit/trace/table_names.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;

class HubTest : public ::testing::Test {
 protected:
  HubTest() : hub_(loop_.get_executor(), {.node = "node-1", .history = 4}, names_, clock_) {}

  void publish(uint16_t port) {
    FlowEvent event{};
    event.header.kind = SKIFF_TRACE_NEW;
    event.header.hook = SKIFF_HOOK_FROM_POD;
    event.header.time_ns = ++time_ns_;
    event.original = event.translated = tuple("10.244.0.5", port, "10.244.1.7", 80);
    hub_.publish(event);
  }

  // The ports of what `subscription` has now.
  std::vector<uint16_t> take(Subscription& subscription) {
    std::vector<uint16_t> ports;
    spawn(loop_.get_executor(), "take", read(subscription, ports));
    loop_.restart();
    loop_.run();
    return ports;
  }
  static awaitable<void> read(Subscription& subscription, std::vector<uint16_t>& ports) {
    while (const FlowRecordPtr record = co_await subscription.next(0ns))
      ports.push_back(record->client.port);
  }

  asio::io_context loop_{1};
  TableNames names_;
  FakeClock clock_;
  Hub hub_;
  uint64_t time_ns_ = 0;
};

using Ports = std::vector<uint16_t>;

TEST_F(HubTest, GivesTheLastThatMatchOldestFirst) {
  for (const uint16_t port : {1, 2, 3, 4, 5, 6}) publish(port);
  const auto all = hub_.subscribe(nullptr, {.last = 10, .follow = false});
  EXPECT_EQ(take(*all), (Ports{3, 4, 5, 6}));  // four are kept
  EXPECT_TRUE(all->ended());
  const auto even =
      hub_.subscribe([](const FlowRecord& record) { return record.client.port % 2 == 0; },
                     {.last = 1, .follow = false});
  EXPECT_EQ(take(*even), (Ports{6}));
}

TEST_F(HubTest, FollowsWithWhatComes) {
  publish(1);
  const auto stream = hub_.subscribe(nullptr, {.last = 0, .follow = true});
  EXPECT_EQ(take(*stream), Ports{});
  publish(2);
  EXPECT_EQ(take(*stream), Ports{2});
  EXPECT_FALSE(stream->ended());
}

TEST_F(HubTest, CountsWhatASlowReaderMisses) {
  const auto stream = hub_.subscribe(nullptr, {.follow = true, .capacity = 2});
  for (const uint16_t port : {1, 2, 3, 4, 5}) publish(port);
  EXPECT_EQ(stream->lost(), 3u);
  EXPECT_EQ(hub_.statistics().lost_readers, 3u);
  EXPECT_EQ(take(*stream), (Ports{1, 2}));
}

TEST_F(HubTest, EndsAtItsTime) {
  const auto until = clock_.now() + 1h;
  const auto stream = hub_.subscribe(nullptr, {.until = until, .follow = true});
  publish(1);
  time_ns_ += static_cast<uint64_t>(std::chrono::nanoseconds(24h * 365).count());
  publish(2);
  EXPECT_EQ(take(*stream), Ports{1});
  EXPECT_TRUE(stream->ended());
}

TEST_F(HubTest, AGoneSubscriberCostsNothing) {
  hub_.subscribe(nullptr, {.follow = true}).reset();
  publish(1);
  EXPECT_EQ(hub_.statistics().subscribers, 0u);
  EXPECT_EQ(hub_.statistics().seen, 1u);
}

}  // namespace
}  // namespace skiff::trace
