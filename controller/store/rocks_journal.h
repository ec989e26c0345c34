// SPDX-License-Identifier: Apache-2.0
// A Journal in RocksDB: one batch, one write-ahead-log record, one fsync. The database holds the
// current record of every key and the revision; history stays in memory.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>

#include "controller/store/acknowledged_mark.h"
#include "controller/store/journal.h"
#include "controller/store/rocks_options.h"

namespace skiff::store {

class RocksJournal final : public Journal {
 public:
  // Opens or creates the database in `directory` and reads everything into `recovered`. Damage is
  // DATA_LOSS: the message names the file and says what to do, and the files stay as they are.
  static Result<std::unique_ptr<RocksJournal>> open(const std::filesystem::path& directory,
                                                    Recovered& recovered);

  Status commit(std::span<const EventPtr> events) override;

 private:
  class ErrorListener;

  RocksJournal(std::filesystem::path directory, AcknowledgedMark mark);
  Status check_complete() const;
  Status load(Recovered& recovered) const;
  Status resume();
  Status translate(const rocksdb::Status& status) const;

  std::filesystem::path directory_;
  AcknowledgedMark mark_;
  std::shared_ptr<RocksWarnings> warnings_ = std::make_shared<RocksWarnings>();
  std::shared_ptr<ErrorListener> errors_;
  std::unique_ptr<rocksdb::DB> database_;
  std::chrono::steady_clock::time_point next_resume_;
  Status failed_;
};

}  // namespace skiff::store
