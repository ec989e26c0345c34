// SPDX-License-Identifier: Apache-2.0
// Opens the database of a store, after making sure that nothing acknowledged is missing, and puts
// RocksDB's errors into words.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "controller/store/acknowledged_mark.h"
#include "controller/store/rocks_options.h"

namespace skiff::store {

// Sorts before every key of an object ('/').
inline constexpr std::string_view kRevisionKey = "!revision";

// One at a time has a directory. Used by one thread at a time.
class RocksDatabase {
 public:
  RocksDatabase(std::filesystem::path directory, AcknowledgedMark mark)
      : directory_(std::move(directory)), mark_(std::move(mark)) {}

  // DATA_LOSS: the message names the damaged file and says what to do, and the files stay as they
  // are.
  Status open();
  void close() { database_.reset(); }

  explicit operator bool() const { return database_ != nullptr; }
  rocksdb::DB* operator->() const { return database_.get(); }

  const std::filesystem::path& directory() const { return directory_; }
  AcknowledgedMark& mark() { return mark_; }
  // Background work stopped over an error since open().
  bool broken() const { return errors_->seen; }

  Status translate(const rocksdb::Status& status) const;

 private:
  Status check_complete() const;

  std::filesystem::path directory_;
  AcknowledgedMark mark_;
  std::shared_ptr<RocksWarnings> warnings_ = std::make_shared<RocksWarnings>();
  std::shared_ptr<RocksErrors> errors_ = std::make_shared<RocksErrors>();
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace skiff::store
