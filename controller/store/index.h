// SPDX-License-Identifier: Apache-2.0
// The current record of every key, in key order. Loop thread only.
#pragma once

#include <absl/container/btree_set.h>

#include <functional>
#include <string_view>

#include "controller/store/store.h"

namespace skiff::store {

class Index {
 public:
  // Null if there is none.
  RecordPtr find(std::string_view key) const;
  size_t size() const { return slots_.size(); }
  int64_t count(std::string_view prefix) const;

  void put(RecordPtr record);
  void erase(std::string_view key);

  // Calls `visit` for each record under `prefix` from `start` on, in key order, until it returns
  // false.
  template <class Visit>
  void scan(std::string_view prefix, std::string_view start, Visit visit) const {
    for (auto at = slots_.lower_bound(std::max(prefix, start));
         at != slots_.end() && at->record->key.starts_with(prefix); ++at) {
      if (!visit(at->record)) return;
    }
  }

 private:
  // The record holds the key, so the tree does not repeat it: 16 bytes an object beside the record
  // itself.
  struct Slot {
    mutable RecordPtr record;  // replaced in place by a record of the same key
  };
  struct Less {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const { return a.record->key < b.record->key; }
    bool operator()(const Slot& a, std::string_view b) const { return a.record->key < b; }
    bool operator()(std::string_view a, const Slot& b) const { return a < b.record->key; }
  };

  absl::btree_set<Slot, Less> slots_;
};

}  // namespace skiff::store
