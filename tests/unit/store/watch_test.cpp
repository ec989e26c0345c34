// SPDX-License-Identifier: Apache-2.0
// What every engine promises to watchers: in order, nothing missing, nothing twice, or
// OUT_OF_RANGE.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/store/engines.h"

namespace skiff::store {
namespace {

using testing::ElementsAre;

class WatchContract : public EngineTest {
 protected:
  std::unique_ptr<Watcher> watch(const std::string& prefix, int64_t from) {
    auto watcher = store_->watch(prefix, from);
    EXPECT_TRUE(watcher.ok()) << watcher.status();
    return *std::move(watcher);
  }
  void update(const std::string& key, std::string_view data) {
    EXPECT_TRUE(loop_.run(store_->update(key, kAnyRevision, object(data))).ok());
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, WatchContract, testing::ValuesIn(kEngines), engine_name);

TEST_P(WatchContract, EventsCarryTheirTypeAndWhatWasThereBefore) {
  auto watcher = watch("/a/", 0);
  const RecordPtr created = create("/a/1", "one");
  update("/a/1", "two");
  ASSERT_TRUE(loop_.run(store_->remove("/a/1", kAnyRevision)).ok());
  const auto events = *watcher->poll();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0]->type, EventType::kCreate);
  EXPECT_EQ(events[0]->record, created);
  EXPECT_EQ(events[0]->previous, nullptr);
  EXPECT_EQ(events[1]->type, EventType::kUpdate);
  EXPECT_EQ(events[1]->previous, created);
  EXPECT_EQ(events[2]->type, EventType::kDelete);
  EXPECT_EQ(events[2]->previous, events[1]->record);
  EXPECT_EQ(*events[2]->record->value, object_text("two", store_->revision()));
}

TEST_P(WatchContract, FromARevisionComesWhatFollowedIt) {
  create("/a/1", "one");
  const int64_t from = store_->revision();
  create("/b/1", "other kind");
  const RecordPtr second = create("/a/2", "two");
  auto watcher = watch("/a/", from);
  const auto events = *watcher->poll();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->record, second);
  EXPECT_EQ(watcher->revision(), store_->revision());
}

TEST_P(WatchContract, FromAFutureRevisionNothingEarlierComes) {
  auto watcher = watch("/a/", store_->revision() + 1);
  create("/a/1", "one");
  const RecordPtr second = create("/a/2", "two");
  const auto events = *watcher->poll();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->record, second);
}

struct Reader {
  std::vector<int64_t> revisions;
  Status end;
  bool done = false;
};

awaitable<void> read_all(Watcher& watcher, Reader& reader) {
  for (;;) {
    auto events = co_await watcher.next(7);
    if (!events.ok()) {
      reader.end = events.status();
      break;
    }
    EXPECT_FALSE(events->empty());
    EXPECT_LE(events->size(), 7u);
    for (const EventPtr& event : *events) reader.revisions.push_back(event->revision());
  }
  reader.done = true;
}

awaitable<void> write_some(Store& store, int writer, int& running) {
  for (int i = 0; i < 50; ++i) {
    const auto created =
        co_await store.create(fmt::format("/{}/{}/{}", i % 2 ? "a" : "b", writer, i), object("v"));
    EXPECT_TRUE(created.ok()) << created.status();
  }
  --running;
}

TEST_P(WatchContract, ReadersBesideWritersMissNothingAndGetNothingTwice) {
  Reader a, all;
  auto watch_a = watch("/a/", 0);
  auto watch_all = watch("/", 0);
  spawn(loop_.executor, "a", read_all(*watch_a, a));
  spawn(loop_.executor, "all", read_all(*watch_all, all));
  int running = 8;
  const int64_t before = store_->revision();
  for (int writer = 0; writer < 8; ++writer) {
    spawn(loop_.executor, "writer", write_some(*store_, writer, running));
  }
  loop_.io.restart();
  while (running > 0) loop_.io.run_one();
  loop_.poll();
  ASSERT_EQ(all.revisions.size(), 400u);
  for (size_t i = 0; i < all.revisions.size(); ++i) {
    EXPECT_EQ(all.revisions[i], before + 1 + static_cast<int64_t>(i));
  }
  EXPECT_EQ(a.revisions.size(), 200u);
  EXPECT_TRUE(std::is_sorted(a.revisions.begin(), a.revisions.end()));
  EXPECT_EQ(watch_a->revision(), store_->revision());
  watch_a->cancel();
  watch_all->cancel();
  loop_.poll();
  EXPECT_EQ(a.end.code(), StatusCode::kCancelled);
  EXPECT_TRUE(all.done);
}

TEST_P(WatchContract, DestroyingASuspendedWatcherCancelsIt) {
  Reader reader;
  auto watcher = watch("/a/", 0);
  spawn(loop_.executor, "reader", read_all(*watcher, reader));
  loop_.poll();
  watcher.reset();
  // The reader's next call would need the watcher: its task ends with the status it gets now.
  loop_.poll();
  EXPECT_TRUE(reader.done);
  EXPECT_EQ(reader.end.code(), StatusCode::kCancelled);
}

TEST_P(WatchContract, TheStoreGoingAwayCancelsItsWatchers) {
  Reader reader;
  auto watcher = watch("/a/", 0);
  spawn(loop_.executor, "reader", read_all(*watcher, reader));
  loop_.poll();
  store_.reset();
  loop_.poll();
  EXPECT_EQ(reader.end.code(), StatusCode::kCancelled);
}

TEST_P(WatchContract, FromACompactedRevisionIsTooOld) {
  const int64_t from = store_->revision();
  create("/a/1", "one");
  create("/a/2", "two");
  store_->compact(from + 1);
  const auto watcher = store_->watch("/a/", from);
  EXPECT_EQ(watcher.status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(message(watcher.status()),
            fmt::format("too old resource version: {} ({})", from, from + 1));
  EXPECT_EQ(watch("/a/", from + 1)->poll()->size(), 1u);
}

TEST_P(WatchContract, AReaderTheRingHasPassedIsTooOldAndHoldsNobodyUp) {
  open({.events = 10});
  const int64_t from = store_->revision();
  auto slow = watch("/a/", 0);
  auto fast = watch("/a/", 0);
  for (int i = 0; i < 50; ++i) {
    create(fmt::format("/a/{}", i), "v");
    EXPECT_EQ(fast->poll()->size(), 1u);
  }
  const auto late = slow->poll();
  EXPECT_EQ(late.status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(message(late.status()),
            fmt::format("too old resource version: {} ({})", from, store_->oldest_revision()));
}

TEST_P(WatchContract, AQuietKindsReaderDoesNotAgeWhileOthersAreBusy) {
  open({.events = 10});
  Reader reader;
  auto watcher = watch("/quiet/", 0);
  spawn(loop_.executor, "reader", read_all(*watcher, reader));
  loop_.poll();
  for (int i = 0; i < 50; ++i) create(fmt::format("/busy/{}", i), "v");
  EXPECT_EQ(watcher->revision(), store_->revision());
  const RecordPtr last = create("/quiet/1", "v");
  loop_.poll();
  EXPECT_THAT(reader.revisions, ElementsAre(last->mod_revision));
  EXPECT_FALSE(reader.done) << reader.end;
  watcher->cancel();
  loop_.poll();
}

}  // namespace
}  // namespace skiff::store
