// SPDX-License-Identifier: Apache-2.0
// Which pod is next, as a plugin sorts them. A pod that found no node waits until something
// changes that may help it, and then at least its back-off (1 s doubling to 10 s), as in
// kube-scheduler.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <unordered_map>

#include "base/clock.h"
#include "controller/scheduler/framework.h"

namespace skiff::scheduler {

class Queue {
 public:
  explicit Queue(std::shared_ptr<const QueueSortPlugin> sort) : active_(Before{std::move(sort)}) {}

  // Adds a pending pod, or replaces what is known of it; an updated pod that had found no node is
  // tried again.
  void add(const PodPtr& pod, TimePoint now);
  void remove(const kube::ObjectKey& key);
  // The next pod, which leaves the queue; null if none is due.
  PodPtr pop(TimePoint now);
  // Puts a popped pod back that found no node.
  void add_unschedulable(const PodPtr& pod, TimePoint now);
  // Something changed (a node, a pod that left): all pods that found no node are tried again after
  // their back-off.
  void retry_all(TimePoint now);
  // The same of those that `may_fit` picks.
  void retry(TimePoint now, const std::function<bool(const api::Pod&)>& may_fit);
  // When the first backed-off pod is due; nothing if none is.
  std::optional<TimePoint> next_due() const;
  size_t size() const { return entries_.size(); }

 private:
  enum class Place { kActive, kBackoff, kUnschedulable };
  struct Entry {
    PodPtr pod;
    TimePoint since;  // in the queue, for age
    TimePoint failed_at;
    int attempts = 0;
    Place place = Place::kActive;
  };
  struct Rank {
    Waiting waiting;
    kube::ObjectKey key;
  };
  struct Before {  // sorts the active pods
    std::shared_ptr<const QueueSortPlugin> sort;
    bool operator()(const Rank& a, const Rank& b) const {
      if (sort->before(a.waiting, b.waiting)) return true;
      return !sort->before(b.waiting, a.waiting) && a.key < b.key;
    }
  };

  static Rank rank(const kube::ObjectKey& key, const Entry& entry);
  static TimePoint due(const Entry& entry);
  void leave(const kube::ObjectKey& key, const Entry& entry);
  void enter(const kube::ObjectKey& key, Entry& entry, Place place);
  void activate(const kube::ObjectKey& key, Entry& entry, TimePoint now);

  std::unordered_map<kube::ObjectKey, Entry> entries_;
  std::unordered_map<kube::ObjectKey, Entry> in_flight_;  // popped: attempts are remembered
  std::set<Rank, Before> active_;
  std::set<std::pair<TimePoint, kube::ObjectKey>> backoff_;
  std::set<kube::ObjectKey> unschedulable_;
};

}  // namespace skiff::scheduler
