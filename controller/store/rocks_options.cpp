// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include <cstdio>

namespace skiff::store {

void RocksWarnings::Logv(const char* format, va_list arguments) {
  char line[512];
  std::vsnprintf(line, sizeof line, format, arguments);
  const std::scoped_lock lock(mutex_);
  last_ = line;
}

std::string RocksWarnings::last() const {
  const std::scoped_lock lock(mutex_);
  return last_;
}

rocksdb::Options lean_options(std::shared_ptr<RocksWarnings> warnings,
                              std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::Options options;
  options.info_log = std::move(warnings);
  options.listeners.push_back(std::move(listener));

  // A record cut off at the end of the last log is a write that was never acknowledged; damage
  // anywhere before that is an error. The default (point in time) would drop everything behind the
  // damage, acknowledged or not, and say nothing.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;

  options.write_buffer_size = 4u << 20;
  options.max_write_buffer_number = 2;
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.max_total_wal_size = 16u << 20;
  options.target_file_size_base = 16u << 20;
  options.max_open_files = 64;
  options.table_cache_numshardbits = 0;
  options.compression = rocksdb::kLZ4Compression;
  options.max_background_jobs = 2;
  options.env->SetBackgroundThreads(1, rocksdb::Env::LOW);
  options.env->SetBackgroundThreads(1, rocksdb::Env::HIGH);
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.compaction_readahead_size = 256u << 10;

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(1u << 20, /*num_shard_bits=*/0);
  table.block_size = 16u << 10;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace skiff::store
