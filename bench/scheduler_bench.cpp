// SPDX-License-Identifier: Apache-2.0
// One scheduling cycle against clusters of several sizes, nodes half full (budget: DESIGN section
// 10, 5,000 pods/s at 5,000 nodes).
#include <benchmark/benchmark.h>

#include "controller/scheduler/cycle.h"

namespace skiff::scheduler {
namespace {

PodPtr pod(int64_t number) {
  auto object = std::make_shared<api::Pod>();
  object->metadata.namespace_ = "default";
  object->metadata.name = "pod-" + std::to_string(number);
  object->metadata.labels["app"] = "web";
  api::Container& container = object->spec.containers.emplace_back();
  container.image = "nginx";
  container.resources.requests["cpu"] = api::Quantity::of_milli(100);
  container.resources.requests["memory"] = api::Quantity::of_bytes(64 << 20);
  return object;
}

NodePtr node(int64_t number) {
  auto object = std::make_shared<api::Node>();
  object->metadata.name = "node-" + std::to_string(number);
  object->metadata.labels["kubernetes.io/hostname"] = object->metadata.name;
  object->status.allocatable = {{"cpu", api::Quantity::of(4)},
                                {"memory", api::Quantity::of_bytes(int64_t{32} << 30)},
                                {"pods", api::Quantity::of(110)}};
  return object;
}

void BM_ScheduleBasic(benchmark::State& state) {
  Cache cache;
  for (int64_t i = 0; i < state.range(0); ++i) cache.set_node(node(i));
  const Profile profile = default_profile();
  int64_t number = 0;
  for (auto _ : state) {
    const auto info = std::make_shared<const PodInfo>(pod(number));
    const Decision decision = decide(profile, *info, cache.nodes(), static_cast<uint64_t>(number));
    cache.assume(info, decision.node);
    ++number;
    if (number % (state.range(0) * 20) != 0) continue;
    state.PauseTiming();
    cache = Cache();
    for (int64_t i = 0; i < state.range(0); ++i) cache.set_node(node(i));
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ScheduleBasic)->Arg(2)->Arg(100)->Arg(1000)->Arg(5000);

}  // namespace
}  // namespace skiff::scheduler
