// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rocks_database.h"

#include "base/file.h"

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

std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// CURRENT holds its name.
fs::path manifest_of(const fs::path& directory) {
  std::string name = read_file(directory / "CURRENT").value_or("CURRENT");
  while (name.ends_with('\n')) name.pop_back();
  return directory / name;
}

}  // namespace

Status RocksDatabase::open(Reader* reader) {
  RETURN_IF_ERROR(check_complete(reader));
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
Status RocksDatabase::check_complete(Reader* reader) const {
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
  ASSIGN_OR_RETURN(const Extent extent, read_extent(*database), "{}", directory_.string());
  if (extent.revision < mark_.revision()) {
    return data_loss(
        "{} is truncated: it ends at revision {}, but {} was acknowledged; restore the directory "
        "from a backup, or remove {} to go on without the changes in between",
        newest_log(directory_).string(), extent.revision, mark_.revision(), mark_.path().string());
  }
  return reader == nullptr ? absl::OkStatus() : read_all(*database, extent, *reader);
}

Result<Extent> RocksDatabase::read_extent(rocksdb::DB& database) const {
  std::string text;
  const rocksdb::Status found = database.Get({}, slice(kExtentKey), &text);
  if (found.IsNotFound()) return Extent{.records = 0};
  RETURN_IF_ERROR(translate(found));
  return decode_extent(text);
}

// The log may have the last revision while tables are missing: a manifest cut short names fewer of
// them.
Status RocksDatabase::read_all(rocksdb::DB& database, const Extent& extent, Reader& reader) const {
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  int64_t records = 0;
  const std::unique_ptr<rocksdb::Iterator> at(database.NewIterator(once));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    if (view(at->key()) == kExtentKey) continue;
    ++records;
    RETURN_IF_ERROR(reader.record(view(at->key()), view(at->value())), "{}", directory_.string());
  }
  RETURN_IF_ERROR(translate(at->status()));
  if (extent.records && *extent.records != records) {
    return data_loss(
        "{} is damaged: the store should hold {} objects at revision {}, but {} are found; restore "
        "the directory from a backup",
        manifest_of(directory_).string(), *extent.records, extent.revision, records);
  }
  reader.revision = extent.revision;
  return absl::OkStatus();
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
