// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rocks_database.h"

#include "controller/store/record_codec.h"

namespace skiff::store {

namespace fs = std::filesystem;

namespace {

bool has_tables(const fs::path& directory) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".sst") return true;
  }
  return false;
}

// What a message about changes that are missing should name: the log that took the last ones.
fs::path newest_log(const fs::path& directory) {
  fs::path newest;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
  }
  return newest.empty() ? directory : newest;
}

}  // namespace

Status RocksDatabase::open() {
  RETURN_IF_ERROR(check_complete());
  errors_->seen = false;
  rocksdb::Options options = lean_options(warnings_, errors_);
  options.create_if_missing = true;
  rocksdb::DB* database = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory_.string(), &database);
  database_.reset(database);
  return translate(opened);
}

// Looks through a read-only instance first: opening for writing deletes what a damaged manifest no
// longer names, and starts a new database where CURRENT is gone.
Status RocksDatabase::check_complete() const {
  if (!fs::exists(directory_ / "CURRENT")) {
    if (mark_.revision() == 0 && !has_tables(directory_)) return absl::OkStatus();
    return data_loss(
        "{} is missing, though the store has reached revision {}: restore the directory from a "
        "backup, or empty it to start anew",
        (directory_ / "CURRENT").string(), mark_.revision());
  }
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(lean_options(warnings_, errors_), directory_.string(), &raw);
  const std::unique_ptr<rocksdb::DB> database(raw);
  RETURN_IF_ERROR(translate(opened));
  std::string text;
  const rocksdb::Status found =
      database->Get({}, rocksdb::Slice(kRevisionKey.data(), kRevisionKey.size()), &text);
  int64_t revision = 0;
  if (!found.IsNotFound()) {
    RETURN_IF_ERROR(translate(found));
    ASSIGN_OR_RETURN(revision, decode_revision(text), "{}", directory_.string());
  }
  if (revision >= mark_.revision()) return absl::OkStatus();
  return data_loss(
      "{} is truncated: it ends at revision {}, but {} was acknowledged; restore the directory "
      "from a backup, or remove {} to go on without the changes in between",
      newest_log(directory_).string(), revision, mark_.revision(), mark_.path().string());
}

Status RocksDatabase::translate(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) return resource_exhausted("no space left under {}", directory_.string());
  std::string text = status.ToString();
  if (text.find(directory_.string()) == std::string::npos) {
    text = fmt::format("{}: {}", directory_.string(), text);
    if (const std::string warning = warnings_->last(); !warning.empty()) text += "; " + warning;
  }
  if (!status.IsCorruption()) return internal_error("{}", text);
  return data_loss("{}; a file of the store is damaged: restore the directory from a backup", text);
}

}  // namespace skiff::store
