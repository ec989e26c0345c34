// SPDX-License-Identifier: Apache-2.0
// The controller's store: every object once, as serialized bytes in memory, in one total order of
// revisions, with the recent past kept as a ring of events. Reads never wait and never do I/O; a
// write that returns OK is on disk (fsynced).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/metrics.h"
#include "base/result.h"

namespace skiff::store {

// Encoded once per revision, shared by every reader and watcher.
using Bytes = std::shared_ptr<const std::string>;

// One revision of one object. Immutable. Keys sort as `/registry/<resource>/<namespace>/<name>`, so
// that the objects of a kind and of a namespace are one range each (`registry_key` below).
struct Record {
  std::string key;
  Bytes value;  // never null; of a deletion: the last value with the deletion's revision in it
  int64_t create_revision = 0;
  int64_t mod_revision = 0;
};
using RecordPtr = std::shared_ptr<const Record>;

enum class EventType { kCreate, kUpdate, kDelete };

// One revision. `previous` is null for kCreate only; of kDelete, `record` is the last state as of
// the deletion.
struct Event {
  EventType type;
  RecordPtr record;
  RecordPtr previous;
  int64_t revision() const { return record->mod_revision; }
};
using EventPtr = std::shared_ptr<const Event>;

// Gives the bytes of an object for the revision it is about to get. Called at most once, on the
// loop, while the caller of create/update/remove is suspended (so it may refer to what lives
// there). It must not write to the store.
using ValueMaker = std::function<std::string(int64_t revision)>;

// Accepts whatever revision the object has now, as `expected` of update and remove. The object must
// exist.
inline constexpr int64_t kAnyRevision = 0;

struct ListOptions {
  std::string prefix;    // ends in '/' to mean a directory
  std::string start;     // first key wanted (inclusive); empty: from the beginning of `prefix`
  int64_t limit = 0;     // records wanted; 0: all
  int64_t revision = 0;  // the state as of this revision; 0: now. OUT_OF_RANGE if no longer kept,
                         // or not reached yet
};

struct Snapshot {
  std::vector<RecordPtr> records;  // ascending keys
  int64_t revision = 0;   // what the records are the state of: what pages and watches continue from
  int64_t remaining = 0;  // how many records follow the last one
  std::string next;       // `start` of the next page; empty if nothing remains
};

// A cursor in the ring of events: every event under a prefix, once, in order. Costs nobody anything
// while it is not read. Destroying it cancels it. One task at a time may be suspended in
// next().
class Watcher {
 public:
  virtual ~Watcher() = default;

  // Suspends until there are events and returns them, at least one, at most `limit`. OUT_OF_RANGE
  // when the reader is so slow that the ring has moved past it; CANCELLED after cancel(); both are
  // final. One caller at a time.
  virtual awaitable<Result<std::vector<EventPtr>>> next(size_t limit = 256) = 0;
  // The same without suspending: empty if there is nothing to read.
  virtual Result<std::vector<EventPtr>> poll(size_t limit = 256) = 0;

  // Makes next() return CANCELLED, now and from now on.
  virtual void cancel() = 0;

  // Every event under the prefix up to and including this revision has been returned: what a
  // bookmark may say.
  virtual int64_t revision() const = 0;
};

// All calls on the loop thread. Errors: NOT_FOUND, ALREADY_EXISTS, ABORTED (revision differs),
// RESOURCE_EXHAUSTED (disk full: nothing was written, try later), UNAVAILABLE (the disk failed;
// restart), OUT_OF_RANGE (revision no longer kept). After UNAVAILABLE a write may or may not have
// happened; after any other error it has not.
class Store {
 public:
  virtual ~Store() = default;

  // Each returns what it wrote, after it is durable and visible to readers and watchers.
  virtual awaitable<Result<RecordPtr>> create(std::string key, ValueMaker value) = 0;
  virtual awaitable<Result<RecordPtr>> update(std::string key, int64_t expected,
                                              ValueMaker value) = 0;
  // Without `value`, the last value with metadata.resourceVersion set to the deletion's revision.
  virtual awaitable<Result<RecordPtr>> remove(std::string key, int64_t expected,
                                              ValueMaker value = {}) = 0;

  virtual Result<RecordPtr> get(std::string_view key) const = 0;
  virtual Result<Snapshot> list(const ListOptions& options) const = 0;
  virtual int64_t count(std::string_view prefix) const = 0;

  // Events under `prefix` with a revision above `from` (0: from now on). list() followed by
  // watch(its revision) without suspending in between misses nothing and repeats nothing.
  // OUT_OF_RANGE: `too old resource version: N (M)`.
  virtual Result<std::unique_ptr<Watcher>> watch(std::string prefix, int64_t from) = 0;

  // The latest revision, and the oldest one that list and watch may still name.
  virtual int64_t revision() const = 0;
  virtual int64_t oldest_revision() const = 0;

  // Suspends until revision() >= `revision`. DEADLINE_EXCEEDED: `Too large resource version: N,
  // current: M`.
  virtual awaitable<Status> reach(int64_t revision, std::chrono::nanoseconds timeout) = 0;

  // OK while writes are taken; else why they are refused (RESOURCE_EXHAUSTED, UNAVAILABLE).
  virtual Status writable() const = 0;

  // Forgets the history up to and including `revision`. It also goes by itself, by age and size.
  virtual void compact(int64_t revision) = 0;
};

// `/registry/pods/default/nginx`; the namespace is left out of cluster-scoped objects' keys.
// `resource` is the plural, followed by `.group` outside the core group. A prefix ends in a slash,
// so `pods` never covers `pods.metrics.k8s.io`.
std::string registry_key(std::string_view resource, std::string_view namespace_,
                         std::string_view name);
std::string registry_prefix(std::string_view resource, std::string_view namespace_ = {});

// `json` with the string at metadata.resourceVersion replaced by `revision`; inserted first in
// metadata if absent. Other fields of that name are left alone. Unchanged if `json` is no object
// with a metadata object.
std::string with_revision(std::string_view json, int64_t revision);

// A ValueMaker for bytes that are already encoded.
inline ValueMaker spliced(std::string json) {
  return [json = std::move(json)](int64_t revision) { return with_revision(json, revision); };
}

struct HistoryLimits {
  std::chrono::seconds age = std::chrono::minutes(5);
  size_t bytes = 32u << 20;  // of superseded values; wins over age
  size_t events = 200'000;   // wins over age
};

struct RocksOptions {
  std::string directory;                 // created, mode 0700, if absent
  metrics::Registry* metrics = nullptr;  // where writes are timed; outlives the store
  HistoryLimits history{};
  // Writes are refused when less than this is free, so that the engine can still write out what it
  // holds in memory.
  size_t reserved_bytes = 16u << 20;
};

// Opens the store in options.directory, or a new one there, and loads every object. Blocks: call it
// before the loop runs. DATA_LOSS: a file is truncated or corrupt; the message names it and says
// what to do.
Result<std::unique_ptr<Store>> open_rocks_store(const Executor& loop, const RocksOptions& options);

// The same store without a disk, for tests and dry runs.
std::unique_ptr<Store> memory_store(const Executor& loop, const HistoryLimits& history = {});

}  // namespace skiff::store
