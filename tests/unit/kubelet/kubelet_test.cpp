// SPDX-License-Identifier: Apache-2.0
// A pod's life on a node, with a runtime and an API in memory.
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
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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
    options.served = [this](const std::string&) { return served; };
    kubelet = std::make_unique<Kubelet>(options, Dependencies{.executor = context.get_executor(),
                                                              .runtime = runtime,
                                                              .client = client,
                                                              .pods = pods,
                                                              .services = services,
                                                              .events = events,
                                                              .clock = clock,
                                                              .pool = pool});
    kubelet->start();
  }
  ~Agent() { pool.join(); }  // its work uses the kubelet

  asio::io_context context;
  asio::thread_pool pool{1};
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

  // Runs the loop until `done`, two seconds at most.
  template <class Done>
  bool run_until(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
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

TEST_F(KubeletTest, StartsAPodAndSaysSo) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  EXPECT_THAT(runtime.calls, ElementsAre("run sandbox web", "create main/0", "start main/0"));
  EXPECT_THAT(api().phases, ElementsAre("Pending", "Running"));
  EXPECT_EQ(pod("web")->status.podIP, "10.244.1.2");
  settle();
  for (const char* reason : {"Pulled", "Created", "Started"})
    EXPECT_TRUE(api().saw_event(reason, "")) << reason;
}

TEST_F(KubeletTest, LeavesPodsOfOtherNodesAlone) {
  put(PodBuilder("web").on("node-2").container("main").build());
  settle();
  EXPECT_THAT(runtime.calls, IsEmpty());
}

TEST_F(KubeletTest, DoesNothingMoreOnceThePodRuns) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  settle();
  const int writes = api().status_writes;
  touch("web");
  settle();
  EXPECT_EQ(runtime.calls.size(), 3u);
  EXPECT_EQ(api().status_writes, writes);
}

TEST_F(KubeletTest, TakesBackWhatOthersWroteIntoTheStatus) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  api::Pod changed = *pod("web");
  for (auto& condition : changed.status.conditions)
    if (condition.type == "Ready") condition.status = "False";
  put(changed);
  EXPECT_FALSE(ready("web"));
  EXPECT_TRUE(run_until([&] { return ready("web"); }));
}

TEST_F(KubeletTest, RunsInitContainersAndSidecarsInOrder) {
  put(PodBuilder("web").init("prepare").sidecar("log").container("main").build());
  ASSERT_TRUE(run_until([&] { return runtime.called("start prepare/0"); }));
  settle();
  EXPECT_FALSE(runtime.called("create log/0"));
  runtime.exit_container("prepare", 0);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  EXPECT_THAT(runtime.running(), ElementsAre("log", "main"));
}

TEST_F(KubeletTest, RestartsACrashAtOnceAndThenBacksOff) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  runtime.exit_container("main", 1);
  ASSERT_TRUE(run_until([&] { return runtime.called("start main/1"); }));
  runtime.exit_container("main", 1);
  ASSERT_TRUE(run_until([&] { return waiting_reason("web") == "CrashLoopBackOff"; }));
  EXPECT_EQ(pod("web")->status.containerStatuses[0].restartCount, 1);
  EXPECT_FALSE(runtime.called("create main/2"));
  clock.advance(std::chrono::seconds(11));
  touch("web");
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  EXPECT_EQ(pod("web")->status.containerStatuses[0].restartCount, 2);
  settle();
  EXPECT_TRUE(api().saw_event("BackOff", "Back-off restarting failed container main in pod web_"));
}

TEST_F(KubeletTest, EndsAJobPodAndStopsItsSandbox) {
  put(PodBuilder("job").restart("Never").sidecar("log").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("job"); }));
  runtime.exit_container("main", 0);
  ASSERT_TRUE(run_until([&] { return pod("job")->status.phase == "Succeeded"; }));
  ASSERT_TRUE(run_until([&] { return runtime.count("stop sandbox") == 1; }));
  EXPECT_THAT(runtime.running(), IsEmpty());
  EXPECT_EQ(runtime.container_count(), 2u);  // their logs can still be read
}

TEST_F(KubeletTest, TakesADeletedPodFromTheNodeThenFromTheApi) {
  put(PodBuilder("web").sidecar("log").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  remove("web", 7);
  ASSERT_TRUE(run_until([&] { return pod("web") == nullptr; }));
  EXPECT_EQ(runtime.sandbox_count(), 0u);
  EXPECT_FALSE(fs::exists(dir / "data/pods/uid-web"));
  ASSERT_TRUE(run_until([&] { return agent->kubelet->pod_count() == 0; }));
  const auto at = [&](const std::string& call) {
    return std::find(runtime.calls.begin(), runtime.calls.end(), call) - runtime.calls.begin();
  };
  EXPECT_LT(at("stop main/0 7s"), at("stop log/0 7s"));
  EXPECT_TRUE(api().saw_event("Killing", "Stopping container main"));
}

TEST_F(KubeletTest, LetsADeletedPodServeUntilServicesHaveTurnedAway) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  agent->served = Served::kYes;
  remove("web", 7);
  settle();
  EXPECT_FALSE(runtime.called("stop main/0 7s"));
  agent->served = Served::kLeaving;
  EXPECT_TRUE(run_until([&] { return runtime.called("stop main/0 7s"); }));
}

TEST_F(KubeletTest, ShortensAGracePeriodUnderWay) {
  runtime.stubborn.insert("main");
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  remove("web", 30);
  ASSERT_TRUE(run_until([&] { return runtime.called("stop main/0 30s"); }));
  remove("web", 0);
  ASSERT_TRUE(run_until([&] { return pod("web") == nullptr; }));
  EXPECT_TRUE(runtime.called("stop main/0 0s"));
}

TEST_F(KubeletTest, TellsASidecarToEndAlsoWhenTheOthersUsedTheWholeGracePeriod) {
  runtime.stubborn.insert("main");
  put(PodBuilder("web").sidecar("log").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  remove("web", 7);
  ASSERT_TRUE(run_until([&] { return runtime.called("stop main/0 7s"); }));
  clock.advance(std::chrono::seconds(8));
  runtime.exit_container("main", 137);
  EXPECT_TRUE(run_until([&] { return runtime.called("stop log/0 2s"); }));
}

TEST_F(KubeletTest, StopsWhatTheApiHasForgotten) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  agent->pods.erase({"default", "web"});
  ASSERT_TRUE(run_until([&] { return agent->kubelet->pod_count() == 0; }));
  EXPECT_EQ(runtime.sandbox_count(), 0u);
}

TEST_F(KubeletTest, ReplacesAPodOfTheSameName) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  api::Pod next = PodBuilder("web").container("main").build();
  next.metadata.uid = "uid-next";
  put(next);
  ASSERT_TRUE(run_until([&] { return ready("web") && agent->kubelet->pod_count() == 1; }));
  EXPECT_EQ(runtime.sandbox_count(), 1u);
  EXPECT_EQ(pod("web")->metadata.uid, "uid-next");
}

TEST_F(KubeletTest, FindsItsPodsAgainAfterARestart) {
  api::Pod made = PodBuilder("web").container("main").build();
  for (auto* probe :
       {&made.spec.containers[0].startupProbe, &made.spec.containers[0].readinessProbe})
    probe->emplace().exec.emplace().command = {"check"};
  put(made);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  const PodPtr seen = pod("web");
  restart_agent();
  agent->pods.replace({seen});
  settle();
  EXPECT_EQ(runtime.count("create"), 1);
  EXPECT_EQ(runtime.count("stop"), 0);
  EXPECT_EQ(runtime.count("run sandbox"), 1);
  EXPECT_EQ(api().status_writes, 0);
}

TEST_F(KubeletTest, AStartThatDiedWithTheAgentIsNoRestartAndNoFailure) {
  put(PodBuilder("once").restart("Never").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("once"); }));
  const PodPtr seen = pod("once");  // its status has told the container's id already
  runtime.cut_off("main");
  restart_agent();
  agent->pods.replace({seen});
  ASSERT_TRUE(run_until([&] { return runtime.count("start main/0") == 2; }));
  ASSERT_TRUE(run_until([&] { return ready("once"); }));
  EXPECT_TRUE(runtime.called("remove main/0"));
  EXPECT_EQ(runtime.count("start main/0"), 2);
  EXPECT_EQ(pod("once")->status.containerStatuses[0].restartCount, 0);
  EXPECT_FALSE(pod("once")->status.containerStatuses[0].lastState.terminated);
}

TEST_F(KubeletTest, StopsOrphansOfAnEarlierRunOnceThePodsAreListed) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  restart_agent();  // meanwhile the pod was deleted by force
  settle();
  EXPECT_EQ(runtime.sandbox_count(), 1u);
  agent->pods.replace({});
  ASSERT_TRUE(run_until([&] { return runtime.sandbox_count() == 0; }));
  EXPECT_TRUE(run_until([&] { return agent->kubelet->pod_count() == 0; }));
  EXPECT_FALSE(fs::exists(dir / "data/pods/uid-web"));
}

TEST_F(KubeletTest, ClearsWhatACrashLeftOfAPod) {
  restart_agent();
  fs::create_directories(dir / "data/pods/uid-old/volumes");
  fs::create_directories(dir / "data/pods/uid-web");
  fs::create_directories(dir / "logs/default_old_uid-old/main");
  agent->pods.replace({PodBuilder("web").container("main").share()});
  ASSERT_TRUE(run_until([&] { return !fs::exists(dir / "data/pods/uid-old"); }));
  EXPECT_FALSE(fs::exists(dir / "logs/default_old_uid-old"));
  EXPECT_TRUE(fs::exists(dir / "data/pods/uid-web"));
}

TEST_F(KubeletTest, ShowsChangedLabelsAtOnce) {
  api::Volume volume;
  volume.name = "info";
  auto& item = volume.downwardAPI.emplace().items.emplace_back();
  item.path = "labels";
  item.fieldRef.emplace().fieldPath = "metadata.labels";
  put(PodBuilder("web")
          .label("a", "1")
          .volume(volume)
          .container("main")
          .mount("info", "/i")
          .build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  const fs::path file = fs::path(runtime.config_of("main")->mounts[0].host_path) / "labels";
  EXPECT_EQ(*read_file(file), "a=\"1\"");
  api::Pod changed = *pod("web");
  changed.metadata.labels["a"] = "2";
  put(changed);
  EXPECT_TRUE(run_until([&] { return *read_file(file) == "a=\"2\""; }));
}

TEST_F(KubeletTest, KeepsTryingForAMissingImage) {
  put(PodBuilder("web").container("main", "no/such:1").build());
  ASSERT_TRUE(run_until([&] { return waiting_reason("web") == "ImagePullBackOff"; }));
  settle();
  EXPECT_TRUE(api().saw_event("Failed", "Failed to pull image \"no/such:1\""));
  EXPECT_EQ(pod("web")->status.phase, "Pending");
  EXPECT_EQ(runtime.count("pull"), 1);
  runtime::Image image;
  image.id = "sha256:such";
  runtime.registry["no/such:1"] = image;
  clock.advance(std::chrono::seconds(11));
  touch("web");
  EXPECT_TRUE(run_until([&] { return ready("web"); }));
}

TEST_F(KubeletTest, WaitsForAMissingConfigMap) {
  api::Volume volume;
  volume.name = "settings";
  volume.configMap.emplace().name = "settings";
  put(PodBuilder("web").volume(volume).container("main").mount("settings", "/etc/s").build());
  ASSERT_TRUE(run_until([&] { return api().saw_event("FailedMount", "configmap \"settings\""); }));
  EXPECT_FALSE(runtime.called("run sandbox web"));
  EXPECT_EQ(waiting_reason("web"), "ContainerCreating");
  clock.advance(std::chrono::seconds(2));
  api().config_maps["settings"].data["level"] = "debug";
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  const auto* config = runtime.config_of("main");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->mounts[0].container_path, "/etc/s");
  EXPECT_EQ(*read_file(fs::path(config->mounts[0].host_path) / "level"), "debug");
}

TEST_F(KubeletTest, TellsAMissingSecretOfTheEnvironment) {
  api::Pod made = PodBuilder("web").container("main").build();
  api::EnvVar variable;
  variable.name = "PASSWORD";
  variable.valueFrom.emplace().secretKeyRef.emplace();
  variable.valueFrom->secretKeyRef->name = "db";
  variable.valueFrom->secretKeyRef->key = "password";
  made.spec.containers[0].env.push_back(variable);
  put(made);
  ASSERT_TRUE(run_until([&] { return waiting_reason("web") == "CreateContainerConfigError"; }));
  EXPECT_EQ(pod("web")->status.containerStatuses[0].state.waiting->message,
            "secret \"db\" not found");
  api().secrets["db"].data["password"] = {"secret"};
  clock.advance(std::chrono::seconds(3));
  touch("web");
  EXPECT_TRUE(run_until([&] { return ready("web"); }));
}

TEST_F(KubeletTest, RunsItsHooks) {
  api::Pod made = PodBuilder("web").container("main").build();
  api::Lifecycle& lifecycle = made.spec.containers[0].lifecycle.emplace();
  lifecycle.postStart.emplace().exec.emplace().command = {"after"};
  lifecycle.preStop.emplace().exec.emplace().command = {"before"};
  put(made);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  EXPECT_TRUE(runtime.called("exec main after"));
  remove("web");
  ASSERT_TRUE(run_until([&] { return pod("web") == nullptr; }));
  EXPECT_TRUE(runtime.called("exec main before"));
}

TEST_F(KubeletTest, GivesAServerWithoutProbesAMomentToListen) {
  api::Pod made = PodBuilder("web").container("main").build();
  made.spec.containers[0].ports.push_back({.containerPort = 80, .protocol = "TCP"});
  put(made);
  ASSERT_TRUE(run_until([&] { return pod("web")->status.phase == "Running"; }));
  EXPECT_FALSE(ready("web"));
  EXPECT_TRUE(run_until([&] { return ready("web"); }));
}

TEST_F(KubeletTest, RestartsWhatFailsItsLivenessProbe) {
  api::Pod made = PodBuilder("web").container("main").build();
  api::Probe& probe = made.spec.containers[0].livenessProbe.emplace();
  probe.exec.emplace().command = {"alive"};
  probe.failureThreshold = 1;
  runtime.exec_results["alive"].exit_code = 1;
  put(made);
  ASSERT_TRUE(run_until([&] { return runtime.called("start main/1"); }));
  EXPECT_TRUE(run_until([&] { return api().saw_event("Unhealthy", "Liveness probe failed"); }));
  EXPECT_TRUE(api().saw_event("Killing", "Container main failed liveness probe"));
}

TEST_F(KubeletTest, MakesANewSandboxWhenTheOldOneDies) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  runtime.next_ip = "10.244.1.3";
  runtime.kill_sandbox("uid-web");
  ASSERT_TRUE(run_until([&] { return pod("web")->status.podIP == "10.244.1.3" && ready("web"); }));
  EXPECT_EQ(pod("web")->status.containerStatuses[0].restartCount, 1);
}

TEST_F(KubeletTest, WritesTheStatusOnceTheApiIsBack) {
  put(PodBuilder("web").container("main").build());
  api().down = true;
  ASSERT_TRUE(run_until([&] { return runtime.called("start main/0"); }));
  EXPECT_FALSE(ready("web"));
  api().down = false;
  EXPECT_TRUE(run_until([&] { return ready("web"); }));
}

}  // namespace
}  // namespace skiff::kubelet
