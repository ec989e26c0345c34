// SPDX-License-Identifier: Apache-2.0
// LocalStore::list: a range of the index, or of the index with the events since an earlier revision
// undone.
#include "controller/store/local_store.h"

namespace skiff::store {
namespace {

// Collects one page and counts what follows it.
class Page {
 public:
  explicit Page(int64_t limit) : limit_(limit) {}

  void add(const RecordPtr& record) {
    if (limit_ == 0 || static_cast<int64_t>(snapshot_.records.size()) < limit_) {
      snapshot_.records.push_back(record);
    } else {
      ++snapshot_.remaining;
    }
  }

  Snapshot finish(int64_t revision) && {
    snapshot_.revision = revision;
    // The first key behind the last one of the page, whether or not it exists.
    if (snapshot_.remaining > 0) snapshot_.next = snapshot_.records.back()->key + '\0';
    return std::move(snapshot_);
  }

 private:
  int64_t limit_;
  Snapshot snapshot_;
};

}  // namespace

Result<Snapshot> LocalStore::list(const ListOptions& options) const {
  const History& history = hub_->history();
  const int64_t at = options.revision == 0 ? history.head() : options.revision;
  if (at > history.head()) {
    return out_of_range("Too large resource version: {}, current: {}", at, history.head());
  }
  if (at < history.oldest()) {
    return out_of_range("too old resource version: {} ({})", at, history.oldest());
  }
  const auto before = history.undo(at, options.prefix);
  auto undone = before.lower_bound(options.start);
  Page page(options.limit);
  index_.scan(options.prefix, options.start, [&](const RecordPtr& record) {
    for (; undone != before.end() && undone->first < record->key; ++undone) {
      if (undone->second) page.add(undone->second);  // removed since
    }
    if (undone != before.end() && undone->first == record->key) {
      if (undone->second) page.add(undone->second);  // updated since
      ++undone;
    } else {
      page.add(record);
    }
    return true;
  });
  for (; undone != before.end(); ++undone) {
    if (undone->second) page.add(undone->second);
  }
  return std::move(page).finish(at);
}

}  // namespace skiff::store
