// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/queue.h"

#include <algorithm>

namespace skiff::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstBackoff = 1s;
constexpr auto kMostBackoff = 10s;

}  // namespace

Queue::Rank Queue::rank(const kube::ObjectKey& key, const Entry& entry) {
  return {{entry.pod, entry.since}, key};
}

TimePoint Queue::due(const Entry& entry) {
  if (entry.attempts == 0) return TimePoint::min();
  const auto backoff = kFirstBackoff * (1 << std::min(entry.attempts - 1, 10));
  return entry.failed_at + std::min<std::chrono::seconds>(backoff, kMostBackoff);
}

void Queue::leave(const kube::ObjectKey& key, const Entry& entry) {
  if (entry.place == Place::kActive) active_.erase(rank(key, entry));
  if (entry.place == Place::kBackoff) backoff_.erase({due(entry), key});
  if (entry.place == Place::kUnschedulable) unschedulable_.erase(key);
}

void Queue::enter(const kube::ObjectKey& key, Entry& entry, Place place) {
  entry.place = place;
  if (place == Place::kActive) active_.insert(rank(key, entry));
  if (place == Place::kBackoff) backoff_.insert({due(entry), key});
  if (place == Place::kUnschedulable) unschedulable_.insert(key);
}

void Queue::activate(const kube::ObjectKey& key, Entry& entry, TimePoint now) {
  leave(key, entry);
  enter(key, entry, due(entry) <= now ? Place::kActive : Place::kBackoff);
}

void Queue::add(const PodPtr& pod, TimePoint now) {
  const kube::ObjectKey key = kube::key_of(*pod);
  const auto [it, inserted] = entries_.try_emplace(key);
  Entry& entry = it->second;
  if (inserted) {
    entry = {.pod = pod, .since = now};
    enter(key, entry, Place::kActive);
    return;
  }
  const bool changed = entry.pod->metadata.generation != pod->metadata.generation ||
                       entry.pod->metadata.labels != pod->metadata.labels;
  leave(key, entry);
  entry.pod = pod;
  enter(key, entry, entry.place);
  if (changed && entry.place == Place::kUnschedulable) activate(key, entry, now);
}

void Queue::remove(const kube::ObjectKey& key) {
  in_flight_.erase(key);
  const auto it = entries_.find(key);
  if (it == entries_.end()) return;
  leave(key, it->second);
  entries_.erase(it);
}

PodPtr Queue::pop(TimePoint now) {
  while (!backoff_.empty() && backoff_.begin()->first <= now) {
    const kube::ObjectKey key = backoff_.begin()->second;
    Entry& entry = entries_.at(key);
    leave(key, entry);
    enter(key, entry, Place::kActive);
  }
  if (active_.empty()) return nullptr;
  const kube::ObjectKey key = active_.begin()->key;
  const auto it = entries_.find(key);
  leave(key, it->second);
  const PodPtr pod = it->second.pod;
  in_flight_[key] = std::move(it->second);
  entries_.erase(it);
  return pod;
}

void Queue::add_unschedulable(const PodPtr& pod, TimePoint now) {
  const kube::ObjectKey key = kube::key_of(*pod);
  Entry entry{.pod = pod, .since = now};
  if (const auto it = in_flight_.find(key); it != in_flight_.end()) {
    entry = std::move(it->second);
    in_flight_.erase(it);
  }
  entry.pod = pod;
  entry.failed_at = now;
  ++entry.attempts;
  remove(key);
  enter(key, entries_[key] = std::move(entry), Place::kUnschedulable);
}

void Queue::retry_all(TimePoint now) {
  retry(now, [](const api::Pod&) { return true; });
}

void Queue::retry(TimePoint now, const std::function<bool(const api::Pod&)>& may_fit) {
  for (auto it = unschedulable_.begin(); it != unschedulable_.end();) {
    const kube::ObjectKey key = *it++;  // the next one before this one leaves
    Entry& entry = entries_.at(key);
    if (may_fit(*entry.pod)) activate(key, entry, now);
  }
}

std::optional<TimePoint> Queue::next_due() const {
  if (!active_.empty()) return TimePoint::min();
  if (backoff_.empty()) return std::nullopt;
  return backoff_.begin()->first;
}

}  // namespace skiff::scheduler
