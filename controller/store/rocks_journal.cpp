// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rocks_journal.h"

#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include "base/file.h"
#include "controller/store/local_store.h"
#include "controller/store/record_codec.h"

namespace skiff::store {

namespace fs = std::filesystem;

namespace {

// Sorts before every key of an object ('/').
constexpr std::string_view kRevisionKey = "!revision";

// How often a full disk is tried again: each try may write a memtable.
constexpr auto kResumeInterval = std::chrono::milliseconds(250);

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// The newest file with one of RocksDB's names for logs; what a message about a log that ends too
// early should name.
fs::path newest_log(const fs::path& directory) {
  fs::path newest;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
  }
  return newest;
}

bool has_tables(const fs::path& directory) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".sst") return true;
  }
  return false;
}

}  // namespace

// Recovery from a full disk goes at the writer's pace, not at that of a thread of RocksDB's own.
class RocksJournal::ErrorListener final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override {
    failed = true;
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }

  std::atomic<bool> failed = false;
};

RocksJournal::RocksJournal(fs::path directory, AcknowledgedMark mark)
    : directory_(std::move(directory)),
      mark_(std::move(mark)),
      errors_(std::make_shared<ErrorListener>()) {}

Result<std::unique_ptr<RocksJournal>> RocksJournal::open(const fs::path& directory,
                                                         Recovered& recovered) {
  RETURN_IF_ERROR(make_directories(directory, 0700));
  ASSIGN_OR_RETURN(AcknowledgedMark mark, AcknowledgedMark::open(directory));
  std::unique_ptr<RocksJournal> journal(new RocksJournal(directory, std::move(mark)));
  RETURN_IF_ERROR(journal->check_complete());

  rocksdb::Options options = lean_options(journal->warnings_, journal->errors_);
  options.create_if_missing = true;
  rocksdb::DB* database = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, directory.string(), &database);
  journal->database_.reset(database);
  RETURN_IF_ERROR(journal->translate(opened));
  RETURN_IF_ERROR(journal->load(recovered));
  journal->mark_.advance(recovered.revision);
  return journal;
}

// Looks at the files through a read-only instance first: opening for writing deletes what a damaged
// manifest no longer names, and starts a new database where CURRENT is gone.
Status RocksJournal::check_complete() const {
  const std::string advice = fmt::format(
      "restore the directory from a backup, or remove {} to go on without the missing changes",
      mark_.path().string());
  if (!fs::exists(directory_ / "CURRENT")) {
    if (mark_.revision() == 0 && !has_tables(directory_)) return absl::OkStatus();
    return data_loss("{} is missing, though the store has reached revision {}: {}",
                     (directory_ / "CURRENT").string(), mark_.revision(),
                     "restore the directory from a backup, or empty it to start anew");
  }
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(lean_options(warnings_, errors_), directory_.string(), &raw);
  const std::unique_ptr<rocksdb::DB> database(raw);
  RETURN_IF_ERROR(translate(opened));
  std::string text;
  const rocksdb::Status found = database->Get({}, slice(kRevisionKey), &text);
  if (!found.ok() && !found.IsNotFound()) return translate(found);
  int64_t revision = 0;
  if (found.ok()) {
    ASSIGN_OR_RETURN(revision, decode_revision(text), "{}", directory_.string());
  }
  if (revision >= mark_.revision()) return absl::OkStatus();
  return data_loss("{} is truncated: it ends at revision {}, but {} was acknowledged; {}",
                   newest_log(directory_).string(), revision, mark_.revision(), advice);
}

Status RocksJournal::load(Recovered& recovered) const {
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(once));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const std::string_view key = view(at->key());
    if (key == kRevisionKey) {
      ASSIGN_OR_RETURN(recovered.revision, decode_revision(view(at->value())), "{}",
                       directory_.string());
      continue;
    }
    ASSIGN_OR_RETURN(RecordPtr record, decode_record(key, view(at->value())), "{}",
                     directory_.string());
    recovered.records.push_back(std::move(record));
  }
  return translate(at->status());
}

Status RocksJournal::commit(std::span<const EventPtr> events) {
  if (!failed_.ok()) return failed_;
  RETURN_IF_ERROR(resume());
  rocksdb::WriteBatch batch;
  for (const EventPtr& event : events) {
    const Record& record = *event->record;
    if (event->type == EventType::kDelete) {
      batch.Delete(slice(record.key));
      continue;
    }
    const std::string header = encode_header(record);
    const rocksdb::Slice key = slice(record.key);
    const rocksdb::Slice value[] = {slice(header), slice(*record.value)};
    batch.Put(rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(value, 2));
  }
  const int64_t revision = events.back()->revision();
  batch.Put(slice(kRevisionKey), encode_revision(revision));

  rocksdb::WriteOptions durable;
  durable.sync = true;
  Status status = translate(database_->Write(durable, &batch));
  if (status.ok()) mark_.advance(revision);
  // After a failed fsync the kernel may have dropped the pages: a second one would succeed and mean
  // nothing. Only a restart, which reads the disk, knows what is there.
  if (!status.ok() && status.code() != StatusCode::kResourceExhausted) {
    failed_ = unavailable("{}; restart to recover", message(status));
    return failed_;
  }
  return status;
}

// After an error RocksDB refuses writes until told to go on; before a new log it flushes what the
// old one holds.
Status RocksJournal::resume() {
  if (!errors_->failed) return absl::OkStatus();
  const auto now = std::chrono::steady_clock::now();
  if (now < next_resume_) {
    return resource_exhausted("no space left under {}: free some, writes then go on by themselves",
                              directory_.string());
  }
  next_resume_ = now + kResumeInterval;
  errors_->failed = false;
  const rocksdb::Status resumed = database_->Resume();
  if (resumed.ok()) return absl::OkStatus();
  errors_->failed = true;
  return translate(resumed);
}

Status RocksJournal::translate(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return resource_exhausted("no space left under {}: free some, writes then go on by themselves",
                              directory_.string());
  }
  std::string text = status.ToString();
  if (text.find(directory_.string()) == std::string::npos) {
    text = fmt::format("{}: {}", directory_.string(), text);
    if (const std::string warning = warnings_->last(); !warning.empty()) text += "; " + warning;
  }
  if (status.IsCorruption()) {
    return data_loss("{}; a file of the store is damaged: restore the directory from a backup",
                     text);
  }
  return internal_error("{}", text);
}

Result<std::unique_ptr<Store>> open_rocks_store(const Executor& loop, const RocksOptions& options) {
  Recovered recovered;
  ASSIGN_OR_RETURN(auto journal, RocksJournal::open(options.directory, recovered), "open store");
  return std::make_unique<LocalStore>(loop, options.history, std::move(recovered),
                                      std::move(journal));
}

}  // namespace skiff::store
