// SPDX-License-Identifier: Apache-2.0
// Opens the database of a store, after making sure that nothing acknowledged is missing, and puts
// RocksDB's errors into words.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"
#include "controller/store/acknowledged_mark.h"
#include "controller/store/record_codec.h"
#include "controller/store/rocks_options.h"

namespace skiff::store {

inline rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

// Of the Extent. Sorts before every key of an object ('/').
inline constexpr std::string_view kExtentKey = "!revision";

// One at a time has a directory. Used by one thread at a time.
class RocksDatabase {
 public:
  RocksDatabase(std::filesystem::path directory, AcknowledgedMark mark)
      : directory_(std::move(directory)), mark_(std::move(mark)) {}

  // Every record's key and value, and the Extent after them, before anything on disk is touched.
  struct Reader {
    std::function<Status(std::string_view key, std::string_view value)> record;
    int64_t revision = 0;
  };

  // DATA_LOSS: the message names the damaged file and says what to do, and the files stay as they
  // are. Without a `reader` the records are neither read nor counted.
  Status open(Reader* reader = nullptr);
  void close() { database_.reset(); }

  explicit operator bool() const { return database_ != nullptr; }
  rocksdb::DB* operator->() const { return database_.get(); }

  const std::filesystem::path& directory() const { return directory_; }
  AcknowledgedMark& mark() { return mark_; }
  // Background work stopped over an error since open().
  bool broken() const { return errors_->seen; }

  Status translate(const rocksdb::Status& status) const;

 private:
  Status check_complete(Reader* reader) const;
  Result<Extent> read_extent(rocksdb::DB& database) const;
  Status read_all(rocksdb::DB& database, const Extent& extent, Reader& reader) const;

  std::filesystem::path directory_;
  AcknowledgedMark mark_;
  std::shared_ptr<RocksWarnings> warnings_ = std::make_shared<RocksWarnings>();
  std::shared_ptr<RocksErrors> errors_ = std::make_shared<RocksErrors>();
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace skiff::store
