// SPDX-License-Identifier: Apache-2.0
// The machine of kube/: how many keys a second go through a queue, and what a store's upkeep and
// reading cost.
#include <benchmark/benchmark.h>

#include "api/core/pod.h"
#include "api/discovery/endpoint_slice.h"
#include "kube/store.h"
#include "kube/work_queue.h"

namespace skiff::kube {
namespace {

std::vector<ObjectKey> keys(int64_t count) {
  std::vector<ObjectKey> list;
  for (int64_t i = 0; i < count; ++i) list.push_back({"default", "pod-" + std::to_string(i)});
  return list;
}

awaitable<void> drain(WorkQueue& queue, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const auto key = co_await queue.take();
    queue.done(*key);
  }
}

void BM_QueueAddTakeDone(benchmark::State& state) {
  const auto all = keys(state.range(0));
  asio::io_context io;
  WorkQueue queue(io.get_executor());
  for (auto _ : state) {
    for (const ObjectKey& key : all) queue.add(key);
    spawn(io.get_executor(), "drain", drain(queue, all.size()));
    io.restart();
    io.run();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_QueueAddTakeDone)->Arg(1)->Arg(10000);

std::shared_ptr<const api::Pod> pod(int64_t number, int64_t revision) {
  api::Pod object;
  object.metadata.namespace_ = "default";
  object.metadata.name = "pod-" + std::to_string(number);
  object.metadata.resourceVersion = std::to_string(revision);
  object.spec.nodeName = "node-" + std::to_string(number % 100);
  return std::make_shared<const api::Pod>(std::move(object));
}

void BM_StorePutIndexed(benchmark::State& state) {
  asio::io_context io;
  Store<api::Pod> store(io.get_executor());
  store.add_index("node", [](const api::Pod& object) { return std::vector{object.spec.nodeName}; });
  for (int64_t i = 0; i < state.range(0); ++i) store.put(pod(i, i + 1));
  int64_t revision = state.range(0);
  for (auto _ : state) {
    ++revision;
    store.put(pod(revision % state.range(0), revision));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_StorePutIndexed)->Arg(10000);

void BM_StoreByIndex(benchmark::State& state) {
  asio::io_context io;
  Store<api::Pod> store(io.get_executor());
  store.add_index("node", [](const api::Pod& object) { return std::vector{object.spec.nodeName}; });
  for (int64_t i = 0; i < 10000; ++i) store.put(pod(i, i + 1));
  for (auto _ : state) benchmark::DoNotOptimize(store.by_index("node", "node-7"));
}
BENCHMARK(BM_StoreByIndex);

std::shared_ptr<const api::EndpointSlice> slice(int64_t number) {
  api::EndpointSlice object;
  object.metadata.namespace_ = "default";
  object.metadata.name = "service-" + std::to_string(number);
  object.metadata.labels[api::kServiceNameLabel] = object.metadata.name;
  object.addressType = "IPv4";
  object.ports.push_back({.name = "http", .protocol = "TCP", .port = 8080});
  for (int i = 0; i < 4; ++i) {
    api::Endpoint& endpoint = object.endpoints.emplace_back();
    endpoint.addresses = {fmt::format("10.{}.{}.{}", i, number / 256 % 256, number % 256)};
    endpoint.nodeName = "node-" + std::to_string(i);
    endpoint.conditions.ready = true;
    endpoint.targetRef.emplace().name = "pod-" + std::to_string(number);
  }
  return std::make_shared<const api::EndpointSlice>(std::move(object));
}

// A slice of four endpoints, found by its key. 0: whole, 1: packed.
void BM_StoreGet(benchmark::State& state) {
  asio::io_context io;
  Store<api::EndpointSlice> store(io.get_executor(),
                                  state.range(0) == 0 ? Keep::kWhole : Keep::kPacked);
  for (int64_t i = 0; i < 10000; ++i) store.put(slice(i));
  int64_t turn = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(store.get({"default", "service-" + std::to_string(turn++ % 10000)}));
}
BENCHMARK(BM_StoreGet)->Arg(0)->Arg(1);

}  // namespace
}  // namespace skiff::kube
