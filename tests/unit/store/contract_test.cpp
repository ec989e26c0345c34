// SPDX-License-Identifier: Apache-2.0
// What every engine promises to readers and writers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/store/engines.h"

namespace skiff::store {
namespace {

using testing::ElementsAre;

class StoreContract : public EngineTest {};
INSTANTIATE_TEST_SUITE_P(Engines, StoreContract, testing::ValuesIn(kEngines), engine_name);

TEST_P(StoreContract, AnEmptyStoreHasARevisionAboveZero) {
  EXPECT_GT(store_->revision(), 0);
  EXPECT_TRUE(store_->list({.prefix = "/"})->records.empty());
}

TEST_P(StoreContract, CreateGivesTheNextRevisionAndPutsItIntoTheValue) {
  const int64_t before = store_->revision();
  const RecordPtr created = create("/a/1", "one");
  EXPECT_EQ(created->mod_revision, before + 1);
  EXPECT_EQ(created->create_revision, before + 1);
  EXPECT_EQ(*created->value, object_text("one", before + 1));
  EXPECT_EQ(store_->revision(), before + 1);
  EXPECT_EQ(*store_->get("/a/1"), created);
}

TEST_P(StoreContract, CreateOfAnExistingKeyIsAlreadyExists) {
  create("/a/1", "one");
  const auto again = loop_.run(store_->create("/a/1", object("two")));
  EXPECT_EQ(again.status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(*(*store_->get("/a/1"))->value, object_text("one", store_->revision()));
}

TEST_P(StoreContract, UpdateKeepsTheCreateRevisionAndMovesTheOther) {
  const RecordPtr created = create("/a/1", "one");
  const auto updated = loop_.run(store_->update("/a/1", created->mod_revision, object("two")));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ((*updated)->create_revision, created->create_revision);
  EXPECT_EQ((*updated)->mod_revision, created->mod_revision + 1);
}

TEST_P(StoreContract, UpdateAtAnotherRevisionIsAborted) {
  const RecordPtr created = create("/a/1", "one");
  const int64_t old = created->mod_revision;
  ASSERT_TRUE(loop_.run(store_->update("/a/1", old, object("two"))).ok());
  const auto lost = loop_.run(store_->update("/a/1", old, object("three")));
  EXPECT_EQ(lost.status().code(), StatusCode::kAborted);
  EXPECT_TRUE(loop_.run(store_->update("/a/1", kAnyRevision, object("four"))).ok());
}

TEST_P(StoreContract, UpdateAndRemoveOfAMissingKeyAreNotFound) {
  EXPECT_EQ(loop_.run(store_->update("/a/1", kAnyRevision, object(""))).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(loop_.run(store_->remove("/a/1", kAnyRevision)).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(store_->get("/a/1").status().code(), StatusCode::kNotFound);
}

TEST_P(StoreContract, RemoveReturnsTheLastValueWithTheRevisionOfTheDeletion) {
  const RecordPtr created = create("/a/1", "one");
  EXPECT_EQ(loop_.run(store_->remove("/a/1", created->mod_revision + 9)).status().code(),
            StatusCode::kAborted);
  const auto removed = loop_.run(store_->remove("/a/1", created->mod_revision));
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(*(*removed)->value, object_text("one", store_->revision()));
  EXPECT_FALSE(store_->get("/a/1").ok());
}

TEST_P(StoreContract, ARemovedKeyStartsAnewWithAnotherCreateRevision) {
  const RecordPtr first = create("/a/1", "one");
  ASSERT_TRUE(loop_.run(store_->remove("/a/1", kAnyRevision)).ok());
  EXPECT_GT(create("/a/1", "two")->create_revision, first->create_revision);
}

TEST_P(StoreContract, AListIsTheRangeOfItsPrefixInKeyOrder) {
  for (const char* key : {"/pods/b/2", "/pods/a/1", "/pods.x/a/1", "/pod/a/1", "/pods/a/0"}) {
    create(key, key);
  }
  EXPECT_THAT(keys(*store_->list({.prefix = "/pods/"})),
              ElementsAre("/pods/a/0", "/pods/a/1", "/pods/b/2"));
  EXPECT_THAT(keys(*store_->list({.prefix = "/pods/a/"})), ElementsAre("/pods/a/0", "/pods/a/1"));
  EXPECT_EQ(store_->count("/pods/"), 3);
}

TEST_P(StoreContract, ASnapshotDoesNotChange) {
  create("/a/1", "one");
  const Snapshot before = *store_->list({.prefix = "/a/"});
  ASSERT_TRUE(loop_.run(store_->update("/a/1", kAnyRevision, object("two"))).ok());
  EXPECT_EQ(*before.records[0]->value, object_text("one", before.revision));
}

TEST_P(StoreContract, PagesAreAllOfTheRevisionOfTheFirst) {
  for (char name = 'a'; name <= 'e'; ++name) create(fmt::format("/p/{}", name), "old");
  const Snapshot first = *store_->list({.prefix = "/p/", .limit = 2});
  EXPECT_THAT(keys(first), ElementsAre("/p/a", "/p/b"));
  EXPECT_EQ(first.remaining, 3);

  create("/p/bb", "new");
  ASSERT_TRUE(loop_.run(store_->remove("/p/c", kAnyRevision)).ok());
  ASSERT_TRUE(loop_.run(store_->update("/p/d", kAnyRevision, object("new"))).ok());
  create("/p/c", "reborn");

  const Snapshot second =
      *store_->list({.prefix = "/p/", .start = first.next, .limit = 2, .revision = first.revision});
  EXPECT_THAT(keys(second), ElementsAre("/p/c", "/p/d"));
  EXPECT_EQ(second.revision, first.revision);
  EXPECT_EQ(second.remaining, 1);
  for (const RecordPtr& record : second.records) {
    EXPECT_EQ(*record->value, object_text("old", record->mod_revision));
  }
  const Snapshot last = *store_->list(
      {.prefix = "/p/", .start = second.next, .limit = 2, .revision = first.revision});
  EXPECT_THAT(keys(last), ElementsAre("/p/e"));
  EXPECT_TRUE(last.next.empty());
}

TEST_P(StoreContract, AListAtARevisionShowsWhatHasBeenRemovedSince) {
  create("/p/a", "a");
  create("/p/z", "z");
  const int64_t then = store_->revision();
  ASSERT_TRUE(loop_.run(store_->remove("/p/a", kAnyRevision)).ok());
  ASSERT_TRUE(loop_.run(store_->remove("/p/z", kAnyRevision)).ok());
  EXPECT_THAT(keys(*store_->list({.prefix = "/p/", .revision = then})),
              ElementsAre("/p/a", "/p/z"));
  EXPECT_TRUE(store_->list({.prefix = "/p/"})->records.empty());
}

TEST_P(StoreContract, AListAtARevisionNotReachedOrCompactedIsOutOfRange) {
  create("/p/a", "a");
  const int64_t then = store_->revision();
  create("/p/b", "b");
  store_->compact(store_->revision());
  EXPECT_EQ(store_->list({.prefix = "/p/", .revision = then}).status().code(),
            StatusCode::kOutOfRange);
  EXPECT_EQ(store_->list({.prefix = "/p/", .revision = store_->revision() + 1}).status().code(),
            StatusCode::kOutOfRange);
  EXPECT_TRUE(store_->list({.prefix = "/p/", .revision = store_->revision()}).ok());
}

awaitable<void> create_many(Store& store, int writer, int& running, int& conflicts) {
  for (int i = 0; i < 20; ++i) {
    // Two writers at a time want the same key: one of them loses.
    const auto created = co_await store.create(fmt::format("/w/{}/{}", writer / 2, i), object("v"));
    if (!created.ok()) ++conflicts;
  }
  --running;
}

TEST_P(StoreContract, ManyWritersShareOneOrderOfRevisions) {
  constexpr int kWriters = 32;
  int running = kWriters;
  int conflicts = 0;
  const int64_t before = store_->revision();
  for (int writer = 0; writer < kWriters; ++writer) {
    spawn(loop_.executor, "writer", create_many(*store_, writer, running, conflicts));
  }
  loop_.io.restart();
  while (running > 0) loop_.io.run_one();
  EXPECT_EQ(conflicts, kWriters / 2 * 20);
  EXPECT_EQ(store_->revision(), before + kWriters / 2 * 20);
  const Snapshot all = *store_->list({.prefix = "/w/"});
  std::set<int64_t> revisions;
  for (const RecordPtr& record : all.records) {
    revisions.insert(record->mod_revision);
    EXPECT_EQ(*record->value, object_text("v", record->mod_revision));
  }
  EXPECT_EQ(revisions.size(), all.records.size());
}

awaitable<bool> race(Store& store, int& stage) {
  const auto created = co_await store.create("/r/1", object("one"));
  EXPECT_TRUE(created.ok());
  EXPECT_EQ(stage++, 0);
  co_return created.ok();
}

awaitable<bool> follow(Store& store, int& stage) {
  // Queued behind the create: sees what it leaves, and answers after it.
  const auto removed = co_await store.remove("/r/1", kAnyRevision);
  EXPECT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(stage++, 1);
  co_return removed.ok();
}

TEST_P(StoreContract, WritesOfOneBatchSeeEachOtherAndAnswerInOrder) {
  int stage = 0;
  asio::co_spawn(loop_.io, race(*store_, stage), asio::detached);
  EXPECT_TRUE(loop_.run(follow(*store_, stage)));
  EXPECT_EQ(stage, 2);
  EXPECT_FALSE(store_->get("/r/1").ok());
}

TEST_P(StoreContract, ReachWaitsForARevisionAndThenGivesUp) {
  using namespace std::chrono_literals;
  EXPECT_TRUE(loop_.run(store_->reach(store_->revision(), 0ns)).ok());
  const Status late = loop_.run(store_->reach(store_->revision() + 1, 1ms));
  EXPECT_EQ(late.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(message(late), fmt::format("Too large resource version: {}, current: {}",
                                       store_->revision() + 1, store_->revision()));
}

}  // namespace
}  // namespace skiff::store
