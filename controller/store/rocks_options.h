// SPDX-License-Identifier: Apache-2.0
// RocksDB as a lean log with a compacted image: everything is read once, at the start, and never
// again, so caches buy nothing.
#pragma once

#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "controller/store/store.h"

namespace skiff::store {

// Keeps RocksDB's warnings: they name the file where its statuses do not.
class RocksWarnings final : public rocksdb::Logger {
 public:
  RocksWarnings() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;

  std::string last() const;

 private:
  mutable std::mutex mutex_;  // written from RocksDB's own threads
  std::string last_;
};

// Notes that RocksDB stopped over an error of its background work, and keeps it from mending itself
// (RocksJournal::reopen).
class RocksErrors final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override { seen = true; }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }

  std::atomic<bool> seen = false;
};

rocksdb::Options lean_options(std::shared_ptr<RocksWarnings> warnings,
                              std::shared_ptr<rocksdb::EventListener> listener);

}  // namespace skiff::store
