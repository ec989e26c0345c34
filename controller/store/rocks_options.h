// SPDX-License-Identifier: Apache-2.0
// RocksDB as a lean log with a compacted image: everything is read once, at the start, and never
// again, so caches buy nothing.
#pragma once

#include <rocksdb/options.h>

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

rocksdb::Options lean_options(std::shared_ptr<RocksWarnings> warnings,
                              std::shared_ptr<rocksdb::EventListener> listener);

}  // namespace skiff::store
