// SPDX-License-Identifier: Apache-2.0
#include "controller/store/local_store.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace skiff::store {
namespace {

// Bounds one WAL record and the time between two answers; 16 times the group of a busy loop.
constexpr size_t kMaxBatch = 4096;
constexpr size_t kMaxBatchBytes = 4u << 20;

// Encoders grow strings by doubling; what is kept for long should not pay for that.
Bytes keep(std::string value) {
  if (value.capacity() > value.size() + value.size() / 16 + 32) value.shrink_to_fit();
  return std::make_shared<const std::string>(std::move(value));
}

}  // namespace

LocalStore::LocalStore(const Executor& loop, const HistoryLimits& limits, Recovered recovered,
                       std::unique_ptr<Journal> journal, metrics::Registry* metrics)
    : loop_(loop), advanced_(loop), journal_(std::move(journal)) {
  if (metrics != nullptr) metrics_.emplace(*metrics);
  // Revision 0 means "now" to callers, so even an empty store is at 1.
  next_revision_ = std::max<int64_t>(recovered.revision, 1);
  hub_ = std::make_shared<WatchHub>(loop, limits, next_revision_);
  for (RecordPtr& record : recovered.records) index_.put(std::move(record));
}

LocalStore::~LocalStore() {
  writer_.join();
  hub_->close();
}

awaitable<Result<RecordPtr>> LocalStore::create(std::string key, ValueMaker value) {
  return submit({.type = EventType::kCreate,
                 .key = std::move(key),
                 .expected = kAnyRevision,
                 .value = std::move(value)});
}

awaitable<Result<RecordPtr>> LocalStore::update(std::string key, int64_t expected,
                                                ValueMaker value) {
  return submit({.type = EventType::kUpdate,
                 .key = std::move(key),
                 .expected = expected,
                 .value = std::move(value)});
}

awaitable<Result<RecordPtr>> LocalStore::remove(std::string key, int64_t expected,
                                                ValueMaker value) {
  return submit({.type = EventType::kDelete,
                 .key = std::move(key),
                 .expected = expected,
                 .value = std::move(value)});
}

awaitable<Result<RecordPtr>> LocalStore::submit(Write write) {
  return asio::async_initiate<decltype(asio::use_awaitable), void(Result<RecordPtr>)>(
      [this](auto handler, Write queued) {
        queued.done = std::move(handler);
        queued.asked = std::chrono::steady_clock::now();
        queue_.push_back(std::move(queued));
        schedule();
      },
      asio::use_awaitable, std::move(write));
}

// Posted rather than called: callers that the last batch resumed all get to queue their next write
// first.
void LocalStore::schedule() {
  if (scheduled_ || !batch_.empty() || queue_.empty()) return;
  scheduled_ = true;
  asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.lock()) return;
    scheduled_ = false;
    form_batch();
  });
}

void LocalStore::form_batch() {
  Overlay overlay;
  size_t bytes = 0;
  while (!queue_.empty() && batch_.size() < kMaxBatch && bytes < kMaxBatchBytes) {
    Write write = std::move(queue_.front());
    queue_.pop_front();
    const auto pending = overlay.find(write.key);
    write.provisional = pending != overlay.end();
    Result<EventPtr> event =
        sequence(write, write.provisional ? pending->second : index_.find(write.key));
    if (event.ok()) {
      const RecordPtr& record = (*event)->record;
      write.provisional = true;
      write.result = record;
      bytes += record->value->size();
      // Keyed by the record's own string, which batch_events_ keeps.
      if (pending != overlay.end()) overlay.erase(pending);
      overlay[record->key] = write.type == EventType::kDelete ? nullptr : record;
      batch_events_.push_back(*std::move(event));
    } else {
      write.result = event.status();
    }
    batch_.push_back(std::move(write));
  }
  commit_batch();
}

Result<EventPtr> LocalStore::sequence(Write& write, const RecordPtr& current) {
  if (write.type == EventType::kCreate) {
    if (current) return already_exists("{} already exists", write.key);
  } else if (!current) {
    return not_found("{} not found", write.key);
  } else if (write.expected != kAnyRevision && write.expected != current->mod_revision) {
    return aborted("{} is at revision {}, not {}", write.key, current->mod_revision,
                   write.expected);
  }
  const int64_t revision = ++next_revision_;
  auto record = std::make_shared<Record>();
  record->key = std::move(write.key);
  record->value =
      keep(write.value ? write.value(revision) : with_revision(*current->value, revision));
  record->create_revision = current ? current->create_revision : revision;
  record->mod_revision = revision;
  return std::make_shared<const Event>(Event{write.type, std::move(record), current});
}

void LocalStore::commit_batch() {
  if (batch_events_.empty() || !journal_) return finish_batch(absl::OkStatus(), {});
  asio::post(writer_, [this, loop = loop_, alive = std::weak_ptr(alive_)] {
    const auto began = std::chrono::steady_clock::now();
    Status status = journal_->commit(batch_events_);
    const auto took = std::chrono::steady_clock::now() - began;
    asio::post(loop, [this, alive, status = std::move(status), took] {
      if (alive.lock()) finish_batch(status, took);
    });
  });
}

void LocalStore::finish_batch(const Status& status, std::chrono::nanoseconds committing) {
  // A failed batch's revisions are not used again: what it wrote may still be in the log if the
  // process dies now.
  const std::vector<EventPtr> events = std::exchange(batch_events_, {});
  std::vector<Write> batch = std::exchange(batch_, {});
  if (!events.empty()) {
    last_commit_ = status;
    if (metrics_) metrics_->committed(events.size(), committing);
  }
  if (status.ok() && !events.empty()) {
    for (const EventPtr& event : events) {
      if (event->type == EventType::kDelete) {
        index_.erase(event->record->key);
      } else {
        index_.put(event->record);
      }
    }
    hub_->publish(events);
    advanced_.notify();
  }
  for (Write& write : batch) {
    if (!status.ok() && write.provisional) write.result = status;
    if (metrics_) metrics_->answered(write.type, std::chrono::steady_clock::now() - write.asked);
    asio::post(loop_, [done = std::move(write.done), result = std::move(write.result)]() mutable {
      done(std::move(result));
    });
  }
  schedule();
}

// A disk that was full may have room again, though nobody has written since.
Status LocalStore::writable() const {
  if (last_commit_.code() == StatusCode::kUnavailable || !journal_) return last_commit_;
  return journal_->check_space();
}

Result<RecordPtr> LocalStore::get(std::string_view key) const {
  RecordPtr record = index_.find(key);
  if (!record) return not_found("{} not found", key);
  return record;
}

Result<std::unique_ptr<Watcher>> LocalStore::watch(std::string prefix, int64_t from) {
  return WatchHub::watch(hub_, std::move(prefix), from);
}

awaitable<Status> LocalStore::reach(int64_t wanted, std::chrono::nanoseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (revision() < wanted) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) {
      co_return deadline_exceeded("Too large resource version: {}, current: {}", wanted,
                                  revision());
    }
    co_await advanced_.wait(left);
  }
  co_return absl::OkStatus();
}

std::unique_ptr<Store> memory_store(const Executor& loop, const HistoryLimits& history) {
  return std::make_unique<LocalStore>(loop, history, Recovered{}, nullptr);
}

}  // namespace skiff::store
