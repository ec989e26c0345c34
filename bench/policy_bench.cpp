// SPDX-License-Identifier: Apache-2.0
// What NetworkPolicy costs: nanoseconds a packet as the kernel reports them, with 1,000 policies
// over 5,000 pods in the maps, and how long a node takes to compile them.
#include <benchmark/benchmark.h>

#include "agent/datapath/memory_map.h"
#include "agent/policy/table_writer.h"
#include "tests/bpf/harness.h"
#include "tests/unit/policy/policy_fixture.h"

namespace skiff::testing {
namespace {

constexpr const char* kPod = "10.244.0.5";
constexpr const char* kPeer = "10.244.1.7";
constexpr int kPods = 5000, kPolicies = 1000, kLocals = 100;

// 100 namespaces of 50 pods; in each ten policies, which let in an app of any namespace on one
// port.
policy::Cluster& large_cluster() {
  static policy::Cluster cluster;
  static const bool made = [] {
    for (int i = 0; i < 100; ++i)
      cluster.add_namespace(fmt::format("n{}", i), {{"team", std::to_string(i % 10)}});
    for (int i = 0; i < kPods; ++i)
      cluster.add_pod(fmt::format("n{}", i % 100), fmt::format("p{}", i),
                      fmt::format("10.245.{}.{}", i / 250, i % 250),
                      {{"app", fmt::format("a{}", i / 100 % 10)}});
    for (int i = 0; i < kPolicies; ++i)
      cluster.add_policy(
          fmt::format("n{}", i % 100),
          fmt::format("{{podSelector: {{matchLabels: {{app: a{}}}}}, ingress: [{{from: "
                      "[{{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: a{}}}}}}}], "
                      "ports: [{{port: {}}}]}}]}}",
                      i / 100, (i / 100 + 1) % 10, 8000 + i % 7));
    for (int i = 0; i < kLocals; ++i)
      cluster.add_local(fmt::format("n{}", i), fmt::format("p{}", i * 10 % kPods),
                        fmt::format("10.244.0.{}", 20 + i));
    return true;
  }();
  (void)made;
  return cluster;
}

void compile_all(benchmark::State& state) {
  policy::Cluster& cluster = large_cluster();
  datapath::Maps maps = datapath::memory_maps();
  policy::TableWriter writer(maps);
  for (auto _ : state) (void)writer.apply(cluster.plan());
}

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

enum Kind { kOff, kNewOff, kBeside, kKnown, kJudged };

// A datagram of a pod to another node's: nobody isolated, and the same for the first of a flow;
// others isolated; of a flow that is known; the first of a flow that has to be judged.
void packet(benchmark::State& state, Kind kind) {
  Harness* harness = shared_harness(state);
  if (harness == nullptr || !harness->reset().ok()) return;
  policy::Cluster cluster;
  cluster.add_namespace("shop");
  cluster.add_pod("shop", "pod", kPod, {{"app", "pod"}});
  cluster.add_pod("shop", "other", "10.244.0.6", {{"app", "other"}});
  cluster.add_pod("shop", "peer", kPeer, {{"app", "peer"}});
  cluster.add_local("shop", "pod", kPod);
  cluster.add_local("shop", "other", "10.244.0.6");
  if (kind != kOff && kind != kNewOff)
    cluster.add_policy("shop",
                       fmt::format("{{podSelector: {{matchLabels: {{app: {}}}}}, policyTypes: "
                                   "[Egress], egress: [{{to: [{{podSelector: {{}}}}], ports: "
                                   "[{{protocol: UDP, port: 1000, endPort: 2000}}]}}]}}",
                                   kind == kBeside ? "other" : "pod"));
  policy::TableWriter writer(harness->maps());
  if (!writer.restore().ok() || !writer.apply(cluster.plan()).ok())
    return state.SkipWithError("cannot write the rules");
  uint32_t port = 20000;
  for (auto _ : state) {
    if (kind == kJudged || kind == kNewOff) port = 20000 + (port + 1) % 10000;
    const Frame frame = PacketBuilder(kPod, static_cast<uint16_t>(port), kPeer, 1500).udp().build();
    const auto result = harness->run(Program::kFromPod, frame);
    if (!result.ok() || result->action == 2) return state.SkipWithError("run failed");
    state.SetIterationTime(result->nanoseconds * 1e-9);
  }
  (void)writer.apply({});
}

const bool registered = [] {
  for (const auto& [name, kind] : {std::pair{"packet/policy off", kOff},
                                   {"packet/policy off, first of a flow", kNewOff},
                                   {"packet/policy of another pod", kBeside},
                                   {"packet/policy, known flow", kKnown},
                                   {"packet/policy, first of a flow", kJudged}})
    benchmark::RegisterBenchmark(name, [kind](benchmark::State& s) {
      packet(s, kind);
    })->UseManualTime();
  benchmark::RegisterBenchmark("compile/1,000 policies, 5,000 pods", compile_all)
      ->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace skiff::testing
