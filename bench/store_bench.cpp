// SPDX-License-Identifier: Apache-2.0
// The store: durable writes, reads, watch fan-out, memory. Run on the disk that matters:
// TMPDIR=/var/tmp store_bench
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <filesystem>

#include "base/async.h"
#include "controller/store/store.h"

namespace skiff::store {
namespace {

// A small pod's size.
constexpr size_t kValueSize = 2048;

// As an encoder that knows where the revision goes would make it: one allocation, one copy.
ValueMaker value() {
  return [](int64_t revision) {
    std::string json = fmt::format(R"({{"metadata":{{"resourceVersion":"{}"}},"fill":")", revision);
    json.resize(kValueSize - 2, 'x');
    return json += "\"}";
  };
}

class Bench {
 public:
  explicit Bench(bool durable) {
    if (!durable) {
      store_ = memory_store(io.get_executor());
      return;
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "skiff-bench-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    reopen();
  }
  ~Bench() {
    store_.reset();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  void reopen() {
    store_.reset();
    auto opened = open_rocks_store(io.get_executor(), {.directory = directory_.string()});
    if (!opened.ok()) {
      fmt::print(stderr, "{}\n", message(opened.status()));
      std::exit(1);
    }
    store_ = *std::move(opened);
  }

  Store& store() { return *store_; }

  // `writers` tasks create `count` objects in all.
  void create(int writers, int count) {
    left_ = count;
    running_ = writers;
    for (int i = 0; i < writers; ++i) spawn(io.get_executor(), "writer", write());
    io.restart();
    while (running_ > 0) io.run_one();
  }

  asio::io_context io;

 private:
  awaitable<void> write() {
    while (left_-- > 0) {
      const auto created = co_await store_->create(
          registry_key("pods", "default", fmt::format("pod-{:08}", ++name_)), value());
      if (!created.ok()) std::exit(1);
    }
    --running_;
  }

  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
  int left_ = 0;
  int running_ = 0;
  int name_ = 0;
};

void BM_DurableCreate(benchmark::State& state) {
  Bench bench(true);
  const int writers = static_cast<int>(state.range(0));
  for (auto _ : state) bench.create(writers, writers * 16);
  state.SetItemsProcessed(state.iterations() * writers * 16);
}
BENCHMARK(BM_DurableCreate)->Arg(1)->Arg(16)->Arg(256)->UseRealTime()->MinTime(2);

void BM_MemoryCreate(benchmark::State& state) {
  Bench bench(false);
  for (auto _ : state) bench.create(16, 256);
  state.SetItemsProcessed(state.iterations() * 256);
}
BENCHMARK(BM_MemoryCreate)->UseRealTime()->Iterations(200);

void BM_Get(benchmark::State& state) {
  Bench bench(false);
  bench.create(16, 10'000);
  int i = 0;
  for (auto _ : state) {
    i = (i + 7919) % 10'000;
    benchmark::DoNotOptimize(
        bench.store().get(fmt::format("/registry/pods/default/pod-{:08}", i + 1)));
  }
}
BENCHMARK(BM_Get);

void BM_List10000(benchmark::State& state) {
  Bench bench(false);
  bench.create(16, 10'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(bench.store().list({.prefix = "/registry/pods/"}));
  }
}
BENCHMARK(BM_List10000)->Unit(benchmark::kMicrosecond);

// A page of 500 of 10,000, as of 1,000 revisions ago.
void BM_ListPageOfThePast(benchmark::State& state) {
  Bench bench(false);
  bench.create(16, 10'000);
  const int64_t then = bench.store().revision();
  bench.create(16, 1'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        bench.store().list({.prefix = "/registry/pods/", .limit = 500, .revision = then}));
  }
}
BENCHMARK(BM_ListPageOfThePast)->Unit(benchmark::kMicrosecond);

awaitable<void> read(Watcher& watcher, int64_t& delivered) {
  for (;;) {
    const auto events = co_await watcher.next();
    if (!events.ok()) break;
    delivered += static_cast<int64_t>(events->size());
  }
}

// 1,000 watchers that read at once, with and without one that never does.
void BM_WatchFanOut(benchmark::State& state) {
  Bench bench(false);
  std::vector<std::unique_ptr<Watcher>> watchers;
  int64_t delivered = 0;
  for (int i = 0; i < 1000; ++i) {
    watchers.push_back(*bench.store().watch("/registry/pods/", 0));
    spawn(bench.io.get_executor(), "reader", read(*watchers.back(), delivered));
  }
  std::unique_ptr<Watcher> idle;
  if (state.range(0) != 0) idle = *bench.store().watch("/registry/pods/", 0);
  for (auto _ : state) {
    const int64_t before = delivered;
    bench.create(static_cast<int>(state.range(1)), 64);
    while (delivered < before + 64'000) bench.io.run_one();
  }
  state.SetItemsProcessed(delivered);
  for (const auto& watcher : watchers) watcher->cancel();
  bench.io.restart();
  bench.io.poll();
}
BENCHMARK(BM_WatchFanOut)->ArgNames({"idle", "writers"})->Args({0, 1})->Args({1, 1})->Args({1, 16});

void BM_BytesPerObject(benchmark::State& state) {
  constexpr int kObjects = 20'000;
  for (auto _ : state) {
    Bench bench(state.range(0) != 0);
    bench.create(256, 1);
    const size_t before = ::mallinfo2().uordblks;
    bench.create(256, kObjects);
    const size_t live = ::mallinfo2().uordblks - before;
    bench.store().compact(bench.store().revision());
    const size_t compacted = ::mallinfo2().uordblks - before;
    state.counters["bytes_with_history"] = static_cast<double>(live) / kObjects;
    state.counters["bytes"] = static_cast<double>(compacted) / kObjects;
  }
}
BENCHMARK(BM_BytesPerObject)->ArgName("durable")->Arg(0)->Arg(1)->Iterations(1);

void BM_Open10000(benchmark::State& state) {
  Bench bench(true);
  bench.create(256, 10'000);
  for (auto _ : state) bench.reopen();
}
BENCHMARK(BM_Open10000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace skiff::store
