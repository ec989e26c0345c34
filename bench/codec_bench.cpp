// SPDX-License-Identifier: Apache-2.0
// What one object costs: read, written, copied, compared, defaulted and validated.
#include <benchmark/benchmark.h>

#include "api/codec.h"
#include "api/compare.h"
#include "api/core/pod.h"
#include "api/defaults.h"
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

}  // namespace
}  // namespace skiff::api
