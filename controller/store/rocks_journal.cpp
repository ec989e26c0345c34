// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rocks_journal.h"

#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>

#include <ranges>

#include "base/file.h"
#include "controller/store/local_store.h"
#include "controller/store/record_codec.h"

namespace skiff::store {
namespace {

// How often a disk that ran full is tried again.
constexpr auto kReopenInterval = std::chrono::milliseconds(250);
// For a write of ordinary size, where nothing is reserved.
constexpr uint64_t kLeastRoom = 256 << 10;

void put(rocksdb::WriteBatch& batch, const Record& record) {
  const std::string header = encode_header(record);
  const rocksdb::Slice key = slice(record.key);
  const rocksdb::Slice value[] = {slice(header), slice(*record.value)};
  batch.Put(rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(value, 2));
}

rocksdb::WriteOptions durable() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

}  // namespace

Result<std::unique_ptr<RocksJournal>> RocksJournal::open(const RocksOptions& options,
                                                         Recovered& recovered) {
  RETURN_IF_ERROR(make_directories(options.directory, 0700));
  ASSIGN_OR_RETURN(AcknowledgedMark mark, AcknowledgedMark::open(options.directory));
  std::unique_ptr<RocksJournal> journal(
      new RocksJournal(RocksDatabase(options.directory, std::move(mark)), options.reserved_bytes));
  RocksDatabase::Reader reader;
  reader.record = [&recovered](std::string_view key, std::string_view value) -> Status {
    ASSIGN_OR_RETURN(RecordPtr record, decode_record(key, value));
    recovered.records.push_back(std::move(record));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(journal->database_.open(&reader));
  recovered.revision = reader.revision;
  journal->records_ = static_cast<int64_t>(recovered.records.size());
  journal->database_.mark().advance(recovered.revision);
  return journal;
}

Status RocksJournal::commit(std::span<const EventPtr> events) {
  if (!failed_.ok()) return failed_;
  Status status = write(events);
  if (status.ok() || status.code() == StatusCode::kResourceExhausted) return status;
  // After a failed fsync the kernel may have dropped the pages: a second one would succeed and mean
  // nothing. Only a restart, which reads the disk, knows what is there.
  failed_ = unavailable("{}; restart to recover", message(status));
  return failed_;
}

Status RocksJournal::write(std::span<const EventPtr> events) {
  rocksdb::WriteBatch batch;
  int64_t records = records_;
  for (const EventPtr& event : events) {
    if (event->type == EventType::kDelete) {
      batch.Delete(slice(event->record->key));
      --records;
    } else {
      put(batch, *event->record);
      if (!event->previous) ++records;
    }
  }
  const int64_t revision = events.back()->revision();
  batch.Put(slice(kExtentKey), encode_extent({.revision = revision, .records = records}));

  // Refusing before the disk is full leaves RocksDB the room to write out what it holds in memory,
  // and to compact.
  if (reserve_ > 0) RETURN_IF_ERROR(require_free(reserve_ + batch.GetDataSize()));
  if (!database_ || database_.broken()) RETURN_IF_ERROR(reopen());
  const rocksdb::Status written = database_->Write(durable(), &batch);
  if (written.IsNoSpace()) {
    doubtful_.assign(events.begin(), events.end());
    database_.close();
    return no_space();
  }
  if (written.ok()) {
    records_ = records;
    database_.mark().advance(revision);
  }
  return database_.translate(written);
}

Status RocksJournal::check_space() const {
  return require_free(std::max(reserve_, kLeastRoom));
}

Status RocksJournal::require_free(uint64_t bytes) const {
  struct statvfs disk{};
  if (::statvfs(database_.directory().c_str(), &disk) != 0) return absl::OkStatus();
  const uint64_t free = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  return free >= bytes ? absl::OkStatus() : no_space();
}

// RocksDB's own Resume() writes on to a log whose last write failed, which its assertions (on in
// Debian's build) forbid: closing and opening again starts from what is on the disk.
Status RocksJournal::reopen() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_reopen_) return no_space();
  next_reopen_ = now + kReopenInterval;
  database_.close();
  Status status = database_.open();
  if (status.ok()) status = take_back();
  if (!status.ok()) database_.close();
  return status;
}

// What was refused may have reached the log all the same: memory, which readers saw, decides.
Status RocksJournal::take_back() {
  if (doubtful_.empty()) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  for (const EventPtr& event : std::views::reverse(doubtful_)) {
    if (event->previous) {
      put(batch, *event->previous);
    } else {
      batch.Delete(slice(event->record->key));
    }
  }
  const int64_t before = doubtful_.front()->revision() - 1;
  batch.Put(slice(kExtentKey), encode_extent({.revision = before, .records = records_}));
  RETURN_IF_ERROR(database_.translate(database_->Write(durable(), &batch)));
  doubtful_.clear();
  return absl::OkStatus();
}

Status RocksJournal::no_space() const {
  return resource_exhausted("the disk under {} is full: free {} MB, and writes go on by themselves",
                            database_.directory().string(), (reserve_ >> 20) + 1);
}

Result<std::unique_ptr<Store>> open_rocks_store(const Executor& loop, const RocksOptions& options) {
  Recovered recovered;
  ASSIGN_OR_RETURN(auto journal, RocksJournal::open(options, recovered), "open store");
  return std::make_unique<LocalStore>(loop, options.history, std::move(recovered),
                                      std::move(journal), options.metrics);
}

}  // namespace skiff::store
