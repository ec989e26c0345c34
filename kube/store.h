// SPDX-License-Identifier: Apache-2.0
// Store<T>: the objects of one kind as last seen, immutable and shared. One writer (a Reflector, or
// a test); readers and subscribers on the same loop. Indexes are kept by the store, so looking up
// "pods of a node" costs what it returns.
#pragma once

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/check.h"
#include "kube/object_table.h"

namespace skiff::kube {

// What lies in a store: objects as they are used, or packed, a tenth of the memory, and made anew
// for each who asks (some 2 µs). For kinds of which there are many and few are looked at.
enum class Keep : uint8_t { kWhole, kPacked };

template <class T>
class Store {
 public:
  using Ptr = std::shared_ptr<const T>;
  // Called after the change is in the store. `before` null: added; `after` null: deleted.
  using Subscriber = std::function<void(const Ptr& before, const Ptr& after)>;
  using IndexFunction = std::function<std::vector<std::string>(const T&)>;

  explicit Store(const Executor& executor, Keep keep = Keep::kWhole)
      : keep_(keep),
        objects_(keep == Keep::kPacked ? kPacked : kWhole),
        synced_event_(executor),
        revision_event_(executor) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Ptr get(const ObjectKey& key) const { return use(objects_.find(key)); }
  // In key order: namespace, then name.
  std::vector<Ptr> list() const {
    std::vector<Ptr> all;
    all.reserve(objects_.size());
    each([&](const Ptr& object) { all.push_back(object); });
    return all;
  }
  std::vector<Ptr> list(const std::string& namespace_) const {
    std::vector<Ptr> found;
    objects_.each(namespace_, [&](const void* held) { found.push_back(use(held)); });
    return found;
  }
  // One after the other, in key order; `visit` changes nothing here. Where a list of all would be
  // too much.
  void each(const std::function<void(const Ptr&)>& visit) const {
    objects_.each([&](const void* held) { visit(use(held)); });
  }
  std::vector<ObjectKey> keys() const {
    std::vector<ObjectKey> all;
    all.reserve(objects_.size());
    objects_.each([&](const void* held) { all.push_back(key_in(held).key()); });
    return all;
  }
  size_t size() const { return objects_.size(); }

  // Objects for which the index function named `index` returned `value`, in key order.
  std::vector<Ptr> by_index(const std::string& index, const std::string& value) const {
    const auto it = indexes_.find(index);
    CHECK(it != indexes_.end());
    std::vector<std::pair<KeyView, Ptr>> having;
    for (const void* held : it->second.table.find(value)) {
      Ptr object = use(held);
      const std::vector<std::string> values = it->second.function(*object);
      if (std::find(values.begin(), values.end(), value) != values.end())
        having.emplace_back(key_in(held), std::move(object));
    }
    std::sort(having.begin(), having.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Ptr> found;
    found.reserve(having.size());
    for (auto& [key, object] : having) found.push_back(std::move(object));
    return found;
  }
  // Adding an index of the same name again is a no-op, so that each user may ask for what it needs.
  void add_index(const std::string& name, IndexFunction function) {
    auto [it, inserted] = indexes_.try_emplace(name);
    if (!inserted) return;
    it->second.function = std::move(function);
    objects_.each([&](const void* held) { index_one(it->second, *use(held), held); });
  }

  // Subscribers live as long as the store. Objects already present are delivered at once as added.
  void subscribe(Subscriber subscriber) {
    each([&](const Ptr& object) { subscriber(nullptr, object); });
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
    const void* held = hold(object);
    const ObjectTable::Held old = objects_.put(held);
    const Ptr before = use(old.get());
    for (auto& [name, index] : indexes_) {
      if (before) unindex_one(index, *before, old.get());
      index_one(index, *object, held);
    }
    notify(before, object);
    saw(object->metadata.resourceVersion);
  }
  void erase(const ObjectKey& key) {
    const ObjectTable::Held old = objects_.erase(key);
    if (!old) return;
    const Ptr before = use(old.get());
    for (auto& [name, index] : indexes_) unindex_one(index, *before, old.get());
    notify(before, nullptr);
  }

  // Makes the store equal to what is put: puts what is new or changed, at the end erases what was
  // not, then counts as synced. Nobody else writes meanwhile.
  class Replacement {
   public:
    explicit Replacement(Store& store) : store_(store) {}
    void put(Ptr object) {
      const ObjectKey key = key_of(*object);
      const Ptr present = store_.get(key);
      if (!present || present->metadata.resourceVersion != object->metadata.resourceVersion)
        store_.put(std::move(object));
      seen_.push_back(store_.objects_.find(key));
    }
    void finish() {
      std::sort(seen_.begin(), seen_.end());
      std::vector<ObjectKey> gone;
      store_.objects_.each([&](const void* held) {
        if (!std::binary_search(seen_.begin(), seen_.end(), held))
          gone.push_back(store_.key_in(held).key());
      });
      for (const ObjectKey& key : gone) store_.erase(key);
      store_.synced_ = true;
      store_.synced_event_.notify();
    }

   private:
    Store& store_;
    std::vector<const void*> seen_;
  };
  void replace(std::vector<Ptr> objects) {
    Replacement replacement(*this);
    for (Ptr& object : objects) replacement.put(std::move(object));
    replacement.finish();
  }

 private:
  static uint64_t number(std::string_view resource_version) {
    uint64_t value = 0;
    std::from_chars(resource_version.data(), resource_version.data() + resource_version.size(),
                    value);
    return value;
  }

  // What the table holds is a packed block, or a Ptr.
  static const Ptr& ptr(const void* held) { return *static_cast<const Ptr*>(held); }
  static KeyView view(const T& object) {
    return {object.metadata.namespace_, object.metadata.name};
  }
  static constexpr ObjectTable::Form kPacked = {.key_of = packed_key, .free = free_packed};
  static constexpr ObjectTable::Form kWhole = {
      .key_of = [](const void* held) { return view(*ptr(held)); },
      .free = [](const void* held) { delete static_cast<const Ptr*>(held); }};

  const void* hold(const Ptr& object) const {
    if (keep_ == Keep::kWhole) return new Ptr(object);
    return pack_object(api::type_of<T>(), object.get(), view(*object));
  }
  Ptr use(const void* held) const {
    if (!held) return nullptr;
    if (keep_ == Keep::kWhole) return ptr(held);
    const auto object = std::make_shared<T>();
    unpack_object(api::type_of<T>(), held, object.get());
    return object;
  }
  KeyView key_in(const void* held) const {
    return keep_ == Keep::kPacked ? packed_key(held) : view(*ptr(held));
  }

  struct Index {
    IndexFunction function;
    IndexTable table;
  };

  static void index_one(Index& index, const T& object, const void* held) {
    for (const std::string& value : index.function(object)) index.table.insert(value, held);
  }
  static void unindex_one(Index& index, const T& object, const void* held) {
    for (const std::string& value : index.function(object)) index.table.erase(value, held);
  }
  void notify(const Ptr& before, const Ptr& after) {
    for (const Subscriber& subscriber : subscribers_) subscriber(before, after);
  }

  Keep keep_;
  ObjectTable objects_;
  std::map<std::string, Index> indexes_;
  std::vector<Subscriber> subscribers_;
  bool synced_ = false;
  Event synced_event_;
  uint64_t revision_ = 0;
  Event revision_event_;
};

}  // namespace skiff::kube
