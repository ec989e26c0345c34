// SPDX-License-Identifier: Apache-2.0
#include "controller/store/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::store {
namespace {

using namespace std::chrono_literals;
using testing::IsNull;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr History::Time kStart{};

RecordPtr record(std::string key, int64_t revision, size_t size = 10) {
  return std::make_shared<const Record>(
      Record{std::move(key), std::make_shared<const std::string>(size, 'x'), 1, revision});
}

EventPtr created(RecordPtr made) {
  return std::make_shared<const Event>(Event{EventType::kCreate, std::move(made), nullptr});
}

EventPtr updated(RecordPtr made, RecordPtr previous) {
  return std::make_shared<const Event>(
      Event{EventType::kUpdate, std::move(made), std::move(previous)});
}

TEST(History, DropsWhatIsOlderThanItsAgeWhenNewEventsCome) {
  History history({.age = 300s}, 1);
  history.append(created(record("/a", 2)), kStart);
  history.append(created(record("/b", 3)), kStart + 200s);
  EXPECT_EQ(history.oldest(), 1);
  history.append(created(record("/c", 4)), kStart + 301s);
  EXPECT_EQ(history.oldest(), 2);
  EXPECT_EQ(history.end() - history.begin(), 2u);
}

TEST(History, BytesOfSupersededValuesWinOverAge) {
  History history({.age = 300s, .bytes = 5000}, 1);
  RecordPtr last = record("/a", 2, 1000);
  history.append(created(last), kStart);
  for (int64_t revision = 3; revision < 20; ++revision) {
    RecordPtr next = record("/a", revision, 1000);
    history.append(updated(next, last), kStart);
    last = next;
  }
  EXPECT_EQ(history.head(), 19);
  EXPECT_EQ(history.end() - history.begin(), 4u);
}

TEST(History, CreationsOnlyCostTheirEntries) {
  History history({.bytes = 5000}, 1);
  for (int64_t revision = 2; revision < 20; ++revision) {
    history.append(created(record("/a", revision, 1000)), kStart);
  }
  EXPECT_EQ(history.oldest(), 1);
}

TEST(History, FindsTheFirstPositionAboveARevisionAcrossGaps) {
  History history({}, 1);
  for (int64_t revision : {2, 5, 6}) history.append(created(record("/a", revision)), kStart);
  EXPECT_EQ(history.after(1), 0u);
  EXPECT_EQ(history.after(3), 1u);
  EXPECT_EQ(history.after(5), 2u);
  EXPECT_EQ(history.after(9), 3u);
  history.compact(2);
  EXPECT_EQ(history.after(2), 1u);
}

TEST(History, UndoTellsTheStateBeforeTheFirstChange) {
  History history({}, 1);
  const RecordPtr first = record("/p/a", 2);
  const RecordPtr second = record("/p/a", 3);
  history.append(created(first), kStart);
  history.append(updated(second, first), kStart);
  history.append(updated(record("/p/a", 4), second), kStart);
  history.append(created(record("/p/b", 5)), kStart);
  history.append(created(record("/q/c", 6)), kStart);
  EXPECT_THAT(history.undo(2, "/p/"),
              UnorderedElementsAre(Pair("/p/a", first), Pair("/p/b", IsNull())));
  EXPECT_THAT(history.undo(6, "/p/"), testing::IsEmpty());
}

TEST(History, CompactionBeyondTheHeadStopsThere) {
  History history({}, 1);
  history.append(created(record("/a", 2)), kStart);
  history.compact(100);
  EXPECT_EQ(history.oldest(), 2);
}

}  // namespace
}  // namespace skiff::store
