// SPDX-License-Identifier: Apache-2.0
// What one object costs: read, written, copied, compared, defaulted and validated.
#include <benchmark/benchmark.h>

#include "api/codec.h"
#include "api/compare.h"
#include "api/core/pod.h"
#include "api/defaults.h"
#include "api/fields/structured_merge.h"
#include "api/patch.h"
#include "api/validation.h"
#include "bench/sample_pod.h"

namespace skiff::api {
namespace {

Pod sample() {
  return *decode_json<Pod>(bench::kSamplePod);
}

void ParsePod(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(decode_json<Pod>(bench::kSamplePod));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bench::kSamplePod.size()));
}
BENCHMARK(ParsePod);

void ParsePodStrictly(benchmark::State& state) {
  for (auto _ : state) {
    DecodeReport report;
    benchmark::DoNotOptimize(decode_json<Pod>(bench::kSamplePod, &report));
  }
}
BENCHMARK(ParsePodStrictly);

void SerialisePod(benchmark::State& state) {
  const Pod pod = sample();
  size_t bytes = 0;
  for (auto _ : state) {
    const std::string json = encode_json(pod);
    bytes += json.size();
    benchmark::DoNotOptimize(json.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(SerialisePod);

void CopyPod(benchmark::State& state) {
  const Pod pod = sample();
  for (auto _ : state) {
    Pod copy = pod;
    benchmark::DoNotOptimize(&copy);
  }
}
BENCHMARK(CopyPod);

void ComparePods(benchmark::State& state) {
  const Pod a = sample(), b = sample();
  for (auto _ : state) benchmark::DoNotOptimize(equal(a, b));
}
BENCHMARK(ComparePods);

void DefaultAndValidatePod(benchmark::State& state) {
  Pod pod = sample();
  for (auto _ : state) {
    set_defaults(pod);
    benchmark::DoNotOptimize(validate(pod));
  }
}
BENCHMARK(DefaultAndValidatePod);

boost::json::value document(const Pod& pod) {
  return *parse_document(encode_json(pod));
}

// What the owners of a new pod's fields cost, as the API server finds and writes them.
void OwnersOfANewPod(benchmark::State& state) {
  const Pod pod = sample();
  const Shape shape = Shape::of(type_of<Pod>());
  size_t bytes = 0;
  for (auto _ : state) {
    const auto changes = changed_fields(shape, boost::json::object(), document(pod));
    bytes = fields_v1(unite(changes.added, changes.modified)).size();
  }
  state.counters["fields_v1_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(OwnersOfANewPod);

void OwnersAfterAStatus(benchmark::State& state) {
  Pod next = sample();
  const Pod pod = next;
  next.status.phase = "Failed";
  const Shape shape = Shape::of(type_of<Pod>());
  const FieldSet owned = fields_in(shape, document(pod));
  for (auto _ : state) {
    const auto changes = changed_fields(shape, document(pod), document(next));
    benchmark::DoNotOptimize(subtract(owned, changes.modified));
  }
}
BENCHMARK(OwnersAfterAStatus);

}  // namespace
}  // namespace skiff::api
