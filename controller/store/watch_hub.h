// SPDX-License-Identifier: Apache-2.0
// Watchers over one History. A watcher is a cursor; only those suspended in next() are known to the
// hub, grouped by prefix, so that publishing costs one comparison a prefix and one wake-up for each
// reader that has something to read. Loop thread only.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/functional/any_invocable.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/store/history.h"

namespace skiff::store {

class WatchHub {
 public:
  WatchHub(const Executor& loop, const HistoryLimits& limits, int64_t revision)
      : loop_(loop), history_(limits, revision) {}

  const History& history() const { return history_; }
  void publish(const std::vector<EventPtr>& events);
  void compact(int64_t revision) { history_.compact(revision); }
  // Cancels every watcher: the store goes away.
  void close();

  // `self` owns the hub, which lives as long as its last watcher.
  static Result<std::unique_ptr<Watcher>> watch(const std::shared_ptr<WatchHub>& self,
                                                std::string prefix, int64_t from);

 private:
  // What a watcher and its suspended reader share, so that destroying the one does not hurt the
  // other.
  struct Cursor {
    std::string prefix;
    uint64_t position = 0;  // of the next event to look at
    int64_t seen = 0;       // every event up to this revision was looked at
    bool cancelled = false;
    absl::AnyInvocable<void()> wake;  // set while suspended in next()
  };
  class HubWatcher;

  Result<std::vector<EventPtr>> read(Cursor& cursor, size_t limit) const;
  static awaitable<Result<std::vector<EventPtr>>> wait_and_read(std::shared_ptr<WatchHub> hub,
                                                                std::shared_ptr<Cursor> cursor,
                                                                size_t limit);
  awaitable<void> suspend(std::shared_ptr<Cursor> cursor);
  void wake(Cursor& cursor);
  void cancel(Cursor& cursor);

  Executor loop_;
  History history_;
  bool closed_ = false;
  absl::flat_hash_map<std::string, std::vector<std::shared_ptr<Cursor>>> waiting_;
};

}  // namespace skiff::store
