// SPDX-License-Identifier: Apache-2.0
#include "controller/store/watch_hub.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace skiff::store {

class WatchHub::HubWatcher final : public Watcher {
 public:
  HubWatcher(std::shared_ptr<WatchHub> hub, std::shared_ptr<Cursor> cursor)
      : hub_(std::move(hub)), cursor_(std::move(cursor)) {}
  ~HubWatcher() override { cancel(); }

  awaitable<Result<std::vector<EventPtr>>> next(size_t limit) override {
    return wait_and_read(hub_, cursor_, limit);
  }
  Result<std::vector<EventPtr>> poll(size_t limit) override { return hub_->read(*cursor_, limit); }
  void cancel() override { hub_->cancel(*cursor_); }
  int64_t revision() const override {
    // Suspended means that nothing up to now concerned this watcher.
    return cursor_->wake ? std::max(cursor_->seen, hub_->history_.head()) : cursor_->seen;
  }

 private:
  std::shared_ptr<WatchHub> hub_;
  std::shared_ptr<Cursor> cursor_;
};

Result<std::unique_ptr<Watcher>> WatchHub::watch(const std::shared_ptr<WatchHub>& self,
                                                 std::string prefix, int64_t from) {
  const History& history = self->history_;
  if (from == 0) from = history.head();
  if (from < history.oldest()) {
    return out_of_range("too old resource version: {} ({})", from, history.oldest());
  }
  auto cursor = std::make_shared<Cursor>();
  cursor->prefix = std::move(prefix);
  cursor->position = history.after(from);
  cursor->seen = from;
  return std::make_unique<HubWatcher>(self, std::move(cursor));
}

Result<std::vector<EventPtr>> WatchHub::read(Cursor& cursor, size_t limit) const {
  if (cursor.cancelled || closed_) return cancelled("watch cancelled");
  if (cursor.position < history_.begin()) {
    return out_of_range("too old resource version: {} ({})", cursor.seen, history_.oldest());
  }
  std::vector<EventPtr> events;
  while (cursor.position < history_.end() && events.size() < limit) {
    const EventPtr& event = history_.at(cursor.position++);
    // A watch may start above the head: what comes before its revision is not its own.
    if (event->revision() <= cursor.seen) continue;
    cursor.seen = event->revision();
    if (event->record->key.starts_with(cursor.prefix)) events.push_back(event);
  }
  return events;
}

awaitable<Result<std::vector<EventPtr>>> WatchHub::wait_and_read(std::shared_ptr<WatchHub> hub,
                                                                 std::shared_ptr<Cursor> cursor,
                                                                 size_t limit) {
  for (;;) {
    Result<std::vector<EventPtr>> events = hub->read(*cursor, limit);
    if (!events.ok() || !events->empty()) co_return events;
    co_await hub->suspend(cursor);
  }
}

awaitable<void> WatchHub::suspend(std::shared_ptr<Cursor> cursor) {
  return asio::async_initiate<decltype(asio::use_awaitable), void()>(
      [this](auto handler, std::shared_ptr<Cursor> waiting) {
        CHECK(!waiting->wake);
        waiting->wake = std::move(handler);
        waiting_[waiting->prefix].push_back(std::move(waiting));
      },
      asio::use_awaitable, std::move(cursor));
}

void WatchHub::wake(Cursor& cursor) {
  if (!cursor.wake) return;
  asio::post(loop_, std::exchange(cursor.wake, nullptr));
}

void WatchHub::cancel(Cursor& cursor) {
  cursor.cancelled = true;
  if (!cursor.wake) return;
  const auto group = waiting_.find(cursor.prefix);
  std::erase_if(group->second, [&](const auto& waiting) { return waiting.get() == &cursor; });
  if (group->second.empty()) waiting_.erase(group);
  wake(cursor);
}

void WatchHub::publish(const std::vector<EventPtr>& events) {
  const int64_t before = history_.head();
  const uint64_t first = history_.end();
  const auto now = std::chrono::steady_clock::now();
  for (const EventPtr& event : events) history_.append(event, now);

  for (auto group = waiting_.begin(); group != waiting_.end();) {
    const auto& [prefix, cursors] = *group;
    const bool concerned = std::any_of(events.begin(), events.end(), [&](const EventPtr& event) {
      return event->record->key.starts_with(prefix);
    });
    if (!concerned) {
      ++group;
      continue;
    }
    for (const std::shared_ptr<Cursor>& cursor : cursors) {
      // Nothing before this batch concerned a reader that was suspended: it need not look there
      // again, and the trimming of other kinds' events cannot make it too old.
      cursor->position = std::max(cursor->position, first);
      cursor->seen = std::max(cursor->seen, before);
      wake(*cursor);
    }
    waiting_.erase(group++);
  }
}

void WatchHub::close() {
  closed_ = true;
  for (auto& [prefix, cursors] : waiting_) {
    for (const std::shared_ptr<Cursor>& cursor : cursors) wake(*cursor);
  }
  waiting_.clear();
}

}  // namespace skiff::store
