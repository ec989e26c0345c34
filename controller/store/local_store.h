// SPDX-License-Identifier: Apache-2.0
// The embedded store: Index (now) + WatchHub (the recent past) in memory, one Journal behind them.
//
// Writes queue on the loop. When no batch is on its way, everything queued becomes the next one:
// each write is checked against the state as the batch so far leaves it, gets its revision and
// makes its value; the writer thread commits the whole batch with one fsync; back on the loop it is
// published, and the callers resume in order. So the longer the fsync takes, the more writes share
// the next, and nobody ever reads what is not durable.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/functional/any_invocable.h>

#include <deque>
#include <memory>

#include "controller/store/index.h"
#include "controller/store/journal.h"
#include "controller/store/store_metrics.h"
#include "controller/store/watch_hub.h"

namespace skiff::store {

class LocalStore final : public Store {
 public:
  // Without a journal nothing is durable; without a registry nothing is timed.
  LocalStore(const Executor& loop, const HistoryLimits& limits, Recovered recovered,
             std::unique_ptr<Journal> journal, metrics::Registry* metrics = nullptr);
  ~LocalStore() override;

  awaitable<Result<RecordPtr>> create(std::string key, ValueMaker value) override;
  awaitable<Result<RecordPtr>> update(std::string key, int64_t expected, ValueMaker value) override;
  awaitable<Result<RecordPtr>> remove(std::string key, int64_t expected, ValueMaker value) override;

  Result<RecordPtr> get(std::string_view key) const override;
  Result<Snapshot> list(const ListOptions& options) const override;
  int64_t count(std::string_view prefix) const override { return index_.count(prefix); }

  Result<std::unique_ptr<Watcher>> watch(std::string prefix, int64_t from) override;
  int64_t revision() const override { return hub_->history().head(); }
  int64_t oldest_revision() const override { return hub_->history().oldest(); }
  awaitable<Status> reach(int64_t revision, std::chrono::nanoseconds timeout) override;
  Status writable() const override;
  void compact(int64_t revision) override { hub_->compact(revision); }

 private:
  struct Write {
    EventType type;
    std::string key;
    int64_t expected;
    ValueMaker value;
    absl::AnyInvocable<void(Result<RecordPtr>)> done;
    Result<RecordPtr> result{};
    bool provisional = false;  // the result holds only if the batch becomes durable
    std::chrono::steady_clock::time_point asked{};
  };
  // Revisions of the batch being formed, by key; null: removed.
  using Overlay = absl::flat_hash_map<std::string_view, RecordPtr>;

  awaitable<Result<RecordPtr>> submit(Write write);
  void schedule();
  void form_batch();
  Result<EventPtr> sequence(Write& write, const RecordPtr& current);
  void commit_batch();
  void finish_batch(const Status& status, std::chrono::nanoseconds committing);

  Executor loop_;
  Index index_;
  std::shared_ptr<WatchHub> hub_;
  skiff::Event advanced_;
  int64_t next_revision_;

  std::deque<Write> queue_;
  bool scheduled_ = false;
  // The batch on its way: the writer thread reads batch_events_, which do not change until it is
  // back.
  std::vector<Write> batch_;
  std::vector<EventPtr> batch_events_;

  std::unique_ptr<Journal> journal_;
  Status last_commit_;
  std::optional<StoreMetrics> metrics_;
  asio::thread_pool writer_{1};
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace skiff::store
