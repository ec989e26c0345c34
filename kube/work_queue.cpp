// SPDX-License-Identifier: Apache-2.0
#include "kube/work_queue.h"

#include <algorithm>

namespace skiff::kube {

WorkQueue::WorkQueue(const Executor& executor, BackoffOptions backoff, QueueMetrics* metrics)
    : backoff_(backoff), metrics_(metrics), wakeup_(executor), timer_(executor) {}

void WorkQueue::add(const ObjectKey& key) {
  if (shut_down_) return;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!dirty_.try_emplace(key, now).second) return;
  if (!behind_since_) behind_since_ = now;
  const bool in_work = processing_.contains(key);
  if (!in_work) queue_.push_back(key);
  if (metrics_) metrics_->added(queue_.size());
  if (in_work) return;  // done() will queue it
  wakeup_.notify();
}

void WorkQueue::add_after(const ObjectKey& key, std::chrono::nanoseconds delay) {
  if (delay <= std::chrono::nanoseconds::zero()) {
    add(key);
    return;
  }
  const SteadyTime due = std::chrono::steady_clock::now() + delay;
  auto [it, inserted] = delayed_.try_emplace(key, due);
  if (!inserted) {
    if (it->second <= due) return;
    by_time_.erase({it->second, key});
    it->second = due;
  }
  by_time_.insert({due, key});
  if (by_time_.begin()->second == key) arm();
}

void WorkQueue::add_backed_off(const ObjectKey& key) {
  const int failed = failures_[key]++;
  if (metrics_) metrics_->retried();
  const auto delay = backoff_.first * (int64_t{1} << std::min(failed, 20));
  add_after(key, std::min<std::chrono::milliseconds>(delay, backoff_.most));
}

int WorkQueue::failures(const ObjectKey& key) const {
  const auto it = failures_.find(key);
  return it == failures_.end() ? 0 : it->second;
}

awaitable<std::optional<ObjectKey>> WorkQueue::take() {
  while (queue_.empty()) {
    if (shut_down_) co_return std::nullopt;
    co_await wakeup_.wait();
  }
  ObjectKey key = std::move(queue_.front());
  queue_.pop_front();
  processing_.insert(key);
  const auto added = dirty_.find(key);
  if (metrics_) metrics_->taken(std::chrono::steady_clock::now() - added->second, queue_.size());
  dirty_.erase(added);
  co_return key;
}

void WorkQueue::done(const ObjectKey& key) {
  processing_.erase(key);
  if (idle() && failures_.empty()) behind_since_.reset();
  if (!dirty_.contains(key)) return;
  queue_.push_back(key);
  wakeup_.notify();
}

void WorkQueue::shut_down() {
  shut_down_ = true;
  timer_.cancel();
  wakeup_.notify();
}

void WorkQueue::arm() {
  timer_.expires_at(by_time_.begin()->first);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) release_due();
  });
}

void WorkQueue::release_due() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const ObjectKey key = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    delayed_.erase(key);
    add(key);
  }
  if (!by_time_.empty()) arm();
}

}  // namespace skiff::kube
