// SPDX-License-Identifier: Apache-2.0
// The packet table of tests/bpf as a benchmark: nanoseconds the kernel reports for the last step of
// each conversation, after the steps before it have been run; and what long keys cost (ADR 0005).
#include <benchmark/benchmark.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/abi/types.h"
#include "key_size.skel.h"
#include "tests/bpf/cases.h"

namespace skiff::testing {
namespace {

constexpr int kLookups = 1024;

// Null, with the reason in `state`, where there is no harness.
Harness* shared_harness(benchmark::State& state) {
  static std::string reason;
  static const std::unique_ptr<Harness> harness = []() -> std::unique_ptr<Harness> {
    if (const auto unavailable = isolate_process()) {
      reason = *unavailable;
      return nullptr;
    }
    auto made = Harness::create();
    if (!made.ok()) reason = message(made.status());
    return made.ok() ? std::move(*made) : nullptr;
  }();
  if (harness == nullptr) state.SkipWithError(reason.c_str());
  return harness.get();
}

// `express`: the last step is the XDP program's.
void run_case(benchmark::State& state, const Case& test, bool express) {
  Harness* harness = shared_harness(state);
  if (harness == nullptr || !harness->reset().ok()) return;
  for (const auto& service : test.services) (void)harness->add_service(service);
  for (const Step& step : test.steps) {
    if (step.before && !step.before(*harness).ok()) return state.SkipWithError("step failed");
    (void)harness->run(step.program, step.in, step.arrival());
  }
  const Step& last = test.steps.back();
  if (express && !harness->has_express()) return state.SkipWithError("not on this kernel");
  const uint64_t before = harness->express_packets();
  for (auto _ : state) {
    const auto result = express ? harness->run_express(last.in)
                                : harness->run(last.program, last.in, last.arrival());
    if (!result.ok()) return state.SkipWithError("run failed");
    state.SetIterationTime(result->nanoseconds * 1e-9);
  }
  if (express && harness->express_packets() == before)
    state.SkipWithError("left to the program at tc");
}

// What the clock around a run costs by itself: subtract it.
void run_nothing(benchmark::State& state) {
  const Frame arp(42, 0);
  Harness* harness = shared_harness(state);
  if (harness == nullptr) return;
  for (auto _ : state) {
    const auto result = harness->run(Program::kFromPod, arp);
    if (!result.ok()) return state.SkipWithError("run failed");
    state.SetIterationTime(result->nanoseconds * 1e-9);
  }
}

// One iteration is kLookups lookups of random keys in a hash of 8,192.
void run_keys(benchmark::State& state, const char* kind) {
  auto* skeleton = skiff_key_size_skeleton::open_and_load();
  if (skeleton == nullptr) return state.SkipWithError("needs root");
  const auto run = [&](const std::string& name) {
    const bpf_program* program = ::bpf_object__find_program_by_name(skeleton->obj, name.c_str());
    uint8_t frame[64] = {};
    DECLARE_LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = 64);
    (void)::bpf_prog_test_run_opts(::bpf_program__fd(program), &options);
    return options;
  };
  run(fmt::format("fill_{}", kind));
  for (auto _ : state) {
    const auto result = run(fmt::format("find_{}", kind));
    if (result.retval != kLookups) state.SkipWithError("a key was not found");
    state.SetIterationTime(result.duration * 1e-9);
  }
  state.SetItemsProcessed(state.iterations() * kLookups);
  skiff_key_size_skeleton::destroy(skeleton);
}

const bool registered = [] {
  benchmark::RegisterBenchmark("packet/nothing", run_nothing)->UseManualTime();
  static const std::vector<Case> cases = packet_cases();
  for (const Case& test : cases) {
    const Frame& frame = test.steps.back().in;
    const std::string name =
        fmt::format("packet/{} {}{}", test.description, frame[12] == 8 ? "v4" : "v6",
                    test.services.empty() || test.services[0].protocol == 6 ? "" : " udp");
    benchmark::RegisterBenchmark(name.c_str(), [&test](benchmark::State& state) {
      run_case(state, test, false);
    })->UseManualTime();
    if (!std::string_view(test.description).starts_with("datagrams to and fro")) continue;
    benchmark::RegisterBenchmark(("driver" + name.substr(6)).c_str(), [&test](benchmark::State& s) {
      run_case(s, test, true);
    })->UseManualTime();
  }
  for (const char* kind : {"frontend4", "frontend16", "flow4", "flow16"}) {
    benchmark::RegisterBenchmark(fmt::format("lookup/{}", kind).c_str(),
                                 [kind](benchmark::State& state) { run_keys(state, kind); })
        ->UseManualTime();
  }
  return true;
}();

}  // namespace
}  // namespace skiff::testing
