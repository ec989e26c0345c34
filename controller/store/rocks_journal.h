// SPDX-License-Identifier: Apache-2.0
// A Journal in RocksDB: one batch, one write-ahead-log record, one fsync. The database holds the
// current record of every key and the revision; history stays in memory.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "controller/store/journal.h"
#include "controller/store/rocks_database.h"

namespace skiff::store {

class RocksJournal final : public Journal {
 public:
  // Opens or creates the database and reads everything into `recovered`. Errors as
  // RocksDatabase::open.
  static Result<std::unique_ptr<RocksJournal>> open(const RocksOptions& options,
                                                    Recovered& recovered);

  Status commit(std::span<const EventPtr> events) override;
  Status check_space() const override;

 private:
  RocksJournal(RocksDatabase database, uint64_t reserve)
      : database_(std::move(database)), reserve_(reserve) {}

  Status write(std::span<const EventPtr> events);
  Status require_free(uint64_t bytes) const;
  Status reopen();
  Status take_back();
  Status no_space() const;

  RocksDatabase database_;
  uint64_t reserve_;
  int64_t records_ = 0;  // in the database, after the last batch that was written
  std::chrono::steady_clock::time_point next_reopen_;
  std::vector<EventPtr> doubtful_;  // refused for lack of space, but perhaps in the log
  Status failed_;
};

}  // namespace skiff::store
