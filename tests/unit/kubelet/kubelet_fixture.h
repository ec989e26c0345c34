// SPDX-License-Identifier: Apache-2.0
// A kubelet with a runtime and an API in memory.
#pragma once

#include "agent/kubelet/kubelet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_runtime.h"
#include "tests/unit/kubelet/fake_api.h"

namespace skiff::kubelet {

namespace fs = std::filesystem;

// One run of an agent: its loop, its view of the API, its kubelet. Runtime, clock and disk outlive
// it.
struct Agent {
  Agent(const fs::path& dir, runtime::FakeRuntime& runtime, const Clock& clock)
      : events(context.get_executor(), client, {"kubelet", "node-1"}, clock) {
    services.replace({});
    Options options;
    options.node_name = "node-1";
    options.node_ips = {"10.89.0.2"};
    options.data_dir = dir / "data";
    options.log_dir = dir / "logs";
    options.cgroup_mount = dir / "cgroup";
    options.cluster_dns = {"10.96.0.10"};
    options.tmpfs_volumes = false;
    options.relist_period = std::chrono::seconds(1);
    options.housekeeping_period = std::chrono::milliseconds(20);
    options.resolv_conf = dir / "resolv.conf";
    options.served = [this](const std::string&) { return served; };
    kubelet = std::make_unique<Kubelet>(options, Dependencies{.executor = context.get_executor(),
                                                              .runtime = runtime,
                                                              .client = client,
                                                              .pods = pods,
                                                              .services = services,
                                                              .events = events,
                                                              .clock = clock,
                                                              .pool = pool,
                                                              .metrics = registry});
    kubelet->start();
  }
  ~Agent() { pool.join(); }  // its work uses the kubelet

  asio::io_context context;
  asio::thread_pool pool{1};
  metrics::Registry registry;
  kube::Store<api::Pod> pods{context.get_executor()};
  kube::Store<api::Service> services{context.get_executor()};
  std::shared_ptr<FakeApi> api = std::make_shared<FakeApi>(pods);
  kube::Client client{api};
  kube::EventRecorder events;
  Served served = Served::kNo;
  std::unique_ptr<Kubelet> kubelet;
};

class KubeletTest : public ::testing::Test {
 protected:
  KubeletTest() {
    runtime.add_image("nginx:1");
    runtime.add_image("busybox:1");
    fs::create_directories(dir / "cgroup");
    restart_agent();
    agent->pods.replace({});
  }
  ~KubeletTest() override {
    agent.reset();
    std::error_code error;
    fs::remove_all(dir, error);
  }

  // Its pods must be listed before it takes anything for an orphan.
  void restart_agent() {
    agent.reset();
    agent = std::make_unique<Agent>(dir, runtime, clock);
  }

  // Runs the loop until `done`; a test that fails waits longer than one that passes on a busy
  // machine.
  template <class Done>
  bool run_until(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < end)
      agent->context.run_for(std::chrono::milliseconds(2));
    return done();
  }
  void settle() { agent->context.run_for(std::chrono::milliseconds(40)); }

  FakeApi& api() { return *agent->api; }
  void put(const api::Pod& pod) { api().put(pod); }
  PodPtr pod(const std::string& name) { return agent->pods.get({"default", name}); }
  bool ready(const std::string& name) {
    const PodPtr p = pod(name);
    if (!p) return false;
    for (const auto& c : p->status.conditions)
      if (c.type == "Ready") return c.status == "True";
    return false;
  }
  std::string waiting_reason(const std::string& name) {
    const PodPtr p = pod(name);
    if (!p || p->status.containerStatuses.empty()) return "";
    const auto& state = p->status.containerStatuses[0].state;
    return state.waiting ? state.waiting->reason : "";
  }
  void remove(const std::string& name, int64_t grace = 30) {
    api::Pod changed = *pod(name);
    changed.metadata.deletionTimestamp = api::Time(clock.now());
    changed.metadata.deletionGracePeriodSeconds = grace;
    put(changed);
  }
  void touch(const std::string& name) { put(*pod(name)); }

  const fs::path dir = fs::temp_directory_path() / fmt::format("skiff-kubelet-{}", ::getpid());
  FakeClock clock;
  runtime::FakeRuntime runtime{clock};
  std::unique_ptr<Agent> agent;
};

}  // namespace skiff::kubelet
