// SPDX-License-Identifier: Apache-2.0
// Store<T>: the objects of one kind as last seen, immutable and shared. One writer (a Reflector, or
// a test); readers and subscribers on the same loop. Indexes are kept by the store, so looking up
// "pods of a node" costs what it returns.
#pragma once

#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/async.h"
#include "base/check.h"
#include "kube/object_key.h"

namespace skiff::kube {

template <class T>
class Store {
 public:
  using Ptr = std::shared_ptr<const T>;
  // Called after the change is in the store. `before` null: added; `after` null: deleted.
  using Subscriber = std::function<void(const Ptr& before, const Ptr& after)>;
  using IndexFunction = std::function<std::vector<std::string>(const T&)>;

  explicit Store(const Executor& executor) : synced_event_(executor), revision_event_(executor) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Ptr get(const ObjectKey& key) const {
    const auto it = objects_.find(key);
    return it == objects_.end() ? nullptr : it->second;
  }
  // In key order: namespace, then name.
  std::vector<Ptr> list() const {
    std::vector<Ptr> all;
    all.reserve(objects_.size());
    for (const auto& [key, object] : objects_) all.push_back(object);
    return all;
  }
  std::vector<Ptr> list(const std::string& namespace_) const {
    std::vector<Ptr> found;
    for (auto it = objects_.lower_bound(ObjectKey{namespace_, ""});
         it != objects_.end() && it->first.namespace_ == namespace_; ++it)
      found.push_back(it->second);
    return found;
  }
  size_t size() const { return objects_.size(); }

  // Objects for which the index function named `index` returned `value`, in key order.
  std::vector<Ptr> by_index(const std::string& index, const std::string& value) const {
    const auto it = indexes_.find(index);
    CHECK(it != indexes_.end());
    std::vector<Ptr> found;
    const auto keys = it->second.keys.find(value);
    if (keys == it->second.keys.end()) return found;
    for (const ObjectKey& key : keys->second) found.push_back(objects_.at(key));
    return found;
  }
  // Adding an index of the same name again is a no-op, so that each user may ask for what it needs.
  void add_index(const std::string& name, IndexFunction function) {
    auto [it, inserted] = indexes_.try_emplace(name);
    if (!inserted) return;
    it->second.function = std::move(function);
    for (const auto& [key, object] : objects_) index_one(it->second, key, *object);
  }

  // Subscribers live as long as the store. Objects already present are delivered at once as added.
  void subscribe(Subscriber subscriber) {
    for (const auto& object : list()) subscriber(nullptr, object);
    subscribers_.push_back(std::move(subscriber));
  }

  // True once every object that existed at start was listed. Nothing may be deleted on the ground
  // of absence before.
  bool synced() const { return synced_; }
  awaitable<void> wait_synced() {
    while (!synced_) co_await synced_event_.wait();
  }

  // The highest resourceVersion seen. Versions are compared as numbers, as client-go does.
  uint64_t revision() const { return revision_; }
  // Suspends until revision() >= `resource_version`: whoever writes through the API and then plans
  // from this store waits for his own writes first, instead of keeping expectations. False after
  // `timeout`.
  awaitable<bool> reach(std::string resource_version,
                        std::chrono::nanoseconds timeout = std::chrono::seconds(5)) {
    const uint64_t wanted = number(resource_version);
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (revision_ < wanted) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds::zero()) co_return false;
      co_await revision_event_.wait(left);
    }
    co_return true;
  }

  // Suspends until `holds()`, asked again after every change the server has told. False after
  // `timeout`.
  template <class Holds>
  awaitable<bool> until(Holds holds, std::chrono::nanoseconds timeout = std::chrono::seconds(5)) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!holds()) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds::zero()) co_return false;
      co_await revision_event_.wait(left);
    }
    co_return true;
  }

  // --- the writer's side ---
  // The server has told everything up to `resource_version`.
  void saw(std::string_view resource_version) {
    const uint64_t seen = number(resource_version);
    if (seen <= revision_) return;
    revision_ = seen;
    revision_event_.notify();
  }
  void put(Ptr object) {
    const ObjectKey key = key_of(*object);
    Ptr& slot = objects_[key];
    const Ptr before = std::exchange(slot, object);
    for (auto& [name, index] : indexes_) {
      if (before) unindex_one(index, key, *before);
      index_one(index, key, *object);
    }
    notify(before, object);
    saw(object->metadata.resourceVersion);
  }
  void erase(const ObjectKey& key) {
    const auto it = objects_.find(key);
    if (it == objects_.end()) return;
    const Ptr before = it->second;
    objects_.erase(it);
    for (auto& [name, index] : indexes_) unindex_one(index, key, *before);
    notify(before, nullptr);
  }
  // Makes the store equal to `objects`: puts what is new or changed, erases what is gone, then
  // counts as synced.
  void replace(std::vector<Ptr> objects) {
    std::unordered_set<ObjectKey> seen;
    for (Ptr& object : objects) {
      const ObjectKey key = key_of(*object);
      seen.insert(key);
      const Ptr present = get(key);
      if (!present || present->metadata.resourceVersion != object->metadata.resourceVersion)
        put(std::move(object));
    }
    std::vector<ObjectKey> gone;
    for (const auto& [key, object] : objects_)
      if (!seen.contains(key)) gone.push_back(key);
    for (const ObjectKey& key : gone) erase(key);
    synced_ = true;
    synced_event_.notify();
  }

 private:
  static uint64_t number(std::string_view resource_version) {
    uint64_t value = 0;
    std::from_chars(resource_version.data(), resource_version.data() + resource_version.size(),
                    value);
    return value;
  }

  struct Index {
    IndexFunction function;
    std::unordered_map<std::string, std::set<ObjectKey>> keys;
  };

  static void index_one(Index& index, const ObjectKey& key, const T& object) {
    for (std::string& value : index.function(object)) index.keys[std::move(value)].insert(key);
  }
  static void unindex_one(Index& index, const ObjectKey& key, const T& object) {
    for (const std::string& value : index.function(object)) {
      const auto it = index.keys.find(value);
      if (it == index.keys.end()) continue;
      it->second.erase(key);
      if (it->second.empty()) index.keys.erase(it);
    }
  }
  void notify(const Ptr& before, const Ptr& after) {
    for (const Subscriber& subscriber : subscribers_) subscriber(before, after);
  }

  std::map<ObjectKey, Ptr> objects_;
  std::unordered_map<std::string, Index> indexes_;
  std::vector<Subscriber> subscribers_;
  bool synced_ = false;
  Event synced_event_;
  uint64_t revision_ = 0;
  Event revision_event_;
};

}  // namespace skiff::kube
