// SPDX-License-Identifier: Apache-2.0
#include "controller/store/index.h"

namespace skiff::store {

RecordPtr Index::find(std::string_view key) const {
  const auto at = slots_.find(key);
  return at == slots_.end() ? nullptr : at->record;
}

int64_t Index::count(std::string_view prefix) const {
  int64_t count = 0;
  scan(prefix, {}, [&](const RecordPtr&) {
    ++count;
    return true;
  });
  return count;
}

void Index::put(RecordPtr record) {
  const auto at = slots_.lower_bound(std::string_view(record->key));
  if (at != slots_.end() && at->record->key == record->key) {
    at->record = std::move(record);
  } else {
    slots_.insert(at, Slot{std::move(record)});
  }
}

void Index::erase(std::string_view key) {
  if (const auto at = slots_.find(key); at != slots_.end()) slots_.erase(at);
}

}  // namespace skiff::store
