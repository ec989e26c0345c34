// SPDX-License-Identifier: Apache-2.0
// Real pods on a real containerd. They use the network namespace of the machine, so no CNI plugin
// is needed, and talk to nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/kubelet/kubelet.h"
#include "agent/runtime/cri_runtime.h"
#include "base/file.h"
#include "tests/builders/pod_builder.h"
#include "tests/unit/kubelet/fake_api.h"
#include "tests/unit/kubelet/root/containerd.h"

namespace skiff::kubelet {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

class KubeletContainerdTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string obstacle = Containerd::obstacle(); !obstacle.empty())
      GTEST_SKIP() << obstacle;
    containerd = std::make_unique<Containerd>(dir);
    ASSERT_EQ(message(containerd->start()), "");
    ASSERT_EQ(message(containerd->import_image("busybox")), "");
    runtime = runtime::make_cri_runtime(context.get_executor(), {.socket = containerd->socket()});
    pods.replace({});
    services.replace({});
    kubelet = make_kubelet();
    kubelet->start();
  }
  void TearDown() override {
    if (!kubelet) return;
    for (const auto& pod : pods.list()) remove(pod->metadata.name, 0);
    EXPECT_TRUE(run_until([&] { return kubelet->pod_count() == 0; }));
    pool.join();
    runtime.reset();
    for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup"))
      for (const char* below : {"kubepods/burstable", "kubepods/besteffort", "kubepods", ""})
        ::rmdir((hierarchy.path() / cgroup.substr(1) / below).c_str());
  }

  std::unique_ptr<Kubelet> make_kubelet() {
    Options options;
    options.node_name = "node-1";
    options.node_ips = {"127.0.0.1"};
    options.data_dir = dir / "kubelet";
    options.log_dir = dir / "logs";
    options.cgroup_root = cgroup;
    options.image_pull_fallback = true;
    return std::make_unique<Kubelet>(options, Dependencies{.executor = context.get_executor(),
                                                           .runtime = *runtime,
                                                           .client = client,
                                                           .pods = pods,
                                                           .services = services,
                                                           .events = events,
                                                           .clock = clock,
                                                           .pool = pool,
                                                           .metrics = registry});
  }
  PodBuilder a_pod(const std::string& name) {
    PodBuilder builder(name);
    builder.with([](api::Pod& pod) { pod.spec.hostNetwork = true; });
    return builder;
  }
  static void command(api::Pod& pod, const std::string& container, const std::string& script) {
    for (auto* list : {&pod.spec.containers, &pod.spec.initContainers})
      for (auto& c : *list)
        if (c.name == container) c.command = {"/bin/sh", "-c", script};
  }
  template <class Done>
  bool run_until(Done done, std::chrono::seconds limit = std::chrono::seconds(20)) {
    const auto end = steady_clock::now() + limit;
    while (!done() && steady_clock::now() < end) context.run_for(milliseconds(2));
    return done();
  }
  PodPtr pod(const std::string& name) { return pods.get({"default", name}); }
  bool ready(const std::string& name) {
    const PodPtr p = pod(name);
    for (const auto& c : p->status.conditions)
      if (c.type == "Ready") return c.status == "True";
    return false;
  }
  void remove(const std::string& name, int64_t grace) {
    api::Pod changed = *pod(name);
    changed.metadata.deletionTimestamp = api::Time(clock.now());
    changed.metadata.deletionGracePeriodSeconds = grace;
    api->put(changed);
  }
  std::string log_of(const std::string& name, const std::string& container, int attempt = 0) {
    return read_file(dir / "logs" / fmt::format("default_{}_uid-{}", name, name) / container /
                     fmt::format("{}.log", attempt))
        .value_or("");
  }
  std::string explain(const std::string& name) {
    std::string text = api::encode_json(*pod(name));
    for (const auto& event : api->events) text += "\n" + event.reason + ": " + event.message;
    return text;
  }

  const fs::path dir = fs::path("/tmp") / fmt::format("skiff-test-{}", ::getpid());
  const std::string cgroup = fmt::format("/skiff-test-{}", ::getpid());
  asio::io_context context;
  asio::thread_pool pool{2};
  metrics::Registry registry;
  SystemClock clock;
  std::unique_ptr<Containerd> containerd;
  std::unique_ptr<runtime::Runtime> runtime;
  kube::Store<api::Pod> pods{context.get_executor()};
  kube::Store<api::Service> services{context.get_executor()};
  std::shared_ptr<FakeApi> api = std::make_shared<FakeApi>(pods);
  kube::Client client{api};
  kube::EventRecorder events{context.get_executor(), client, {"kubelet", "node-1"}, clock};
  std::unique_ptr<Kubelet> kubelet;
};

TEST_F(KubeletContainerdTest, RunsAPodWithInitSidecarAndVolumes) {
  api->config_maps["settings"].data["level"] = "debug";
  api::Volume logs, settings;
  logs.name = "logs";
  logs.emptyDir.emplace();
  settings.name = "settings";
  settings.configMap.emplace().name = "settings";
  api::Pod made = a_pod("web")
                      .volume(logs)
                      .volume(settings)
                      .init("prepare", "busybox")
                      .mount("logs", "/logs")
                      .sidecar("log", "busybox")
                      .mount("logs", "/logs")
                      .container("main", "busybox")
                      .mount("logs", "/logs")
                      .mount("settings", "/etc/settings")
                      .request("cpu", "100m")
                      .limit("memory", "64Mi")
                      .build();
  command(made, "prepare", "echo prepared > /logs/app.log");
  command(made, "log", "tail -F /logs/app.log");
  command(made, "main",
          "echo $(cat /etc/settings/level); echo served >> /logs/app.log; "
          "trap 'echo bye; exit 0' TERM; while true; do sleep 0.1; done");
  api->put(made);
  ASSERT_TRUE(run_until([&] { return ready("web"); })) << explain("web");
  EXPECT_TRUE(run_until([&] { return log_of("web", "log").find("served") != std::string::npos; }));
  EXPECT_THAT(log_of("web", "log"), HasSubstr("prepared"));
  EXPECT_TRUE(run_until([&] { return log_of("web", "main").find("debug") != std::string::npos; }));
  EXPECT_EQ(pod("web")->status.qosClass, "Burstable");

  remove("web", 5);
  ASSERT_TRUE(run_until([&] { return pod("web") == nullptr; }));
  EXPECT_FALSE(fs::exists(dir / "kubelet/pods/uid-web"));
}

TEST_F(KubeletContainerdTest, SeesAnExitAtOnceAndRestarts) {
  api::Pod made = a_pod("crash").container("main", "busybox").build();
  command(made, "main", "echo last words > /dev/termination-log; sleep 0.5; exit 3");
  made.spec.containers[0].terminationMessagePath = "/dev/termination-log";
  api->put(made);
  ASSERT_TRUE(run_until([&] { return ready("crash"); })) << explain("crash");
  ASSERT_TRUE(run_until([&] {
    const auto& status = pod("crash")->status.containerStatuses;
    return !status.empty() && status[0].restartCount == 1;
  })) << explain("crash");
  const auto last = pod("crash")->status.containerStatuses[0].lastState;
  ASSERT_TRUE(last.terminated);
  EXPECT_EQ(last.terminated->exitCode, 3);
  EXPECT_EQ(last.terminated->message, "last words\n");
  // The slow relist alone would take ten seconds.
  ASSERT_TRUE(run_until(
      [&] {
        const auto& state = pod("crash")->status.containerStatuses[0].state;
        return state.waiting && state.waiting->reason == "CrashLoopBackOff";
      },
      std::chrono::seconds(4)))
      << explain("crash");
}

// As the kernel has them, on v1 (alone or beside v2) and on v2.
TEST_F(KubeletContainerdTest, LimitsThePodAndEachOfItsContainers) {
  api::Pod made = a_pod("limited")
                      .container("a", "busybox")
                      .request("cpu", "100m")
                      .limit("cpu", "200m")
                      .limit("memory", "32Mi")
                      .container("b", "busybox")
                      .request("cpu", "150m")
                      .limit("cpu", "300m")
                      .limit("memory", "32Mi")
                      .build();
  for (const char* name : {"a", "b"}) command(made, name, "sleep 1000");
  api->put(made);
  ASSERT_TRUE(run_until([&] { return ready("limited"); })) << explain("limited");
  const std::string below = cgroup + "/kubepods/burstable/poduid-limited";
  const std::string prefix = "containerd://";
  std::map<std::string, std::string> groups = {{"pod", below}};
  for (const auto& status : pod("limited")->status.containerStatuses)
    groups[status.name] = below + "/" + status.containerID.substr(prefix.size());
  const bool v2 = fs::exists("/sys/fs/cgroup/cgroup.controllers");
  const auto control = [&](const std::string& group, const std::string& controller,
                           const std::string& file) {
    const fs::path mount = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/" + controller;
    std::string text = read_file(mount.string() + groups[group] + "/" + file).value_or("none");
    if (text.ends_with('\n')) text.pop_back();
    return text;
  };
  const struct {
    const char* group;
    const char* shares;
    const char* weight;
    const char* quota;
    const char* memory;
  } wanted[] = {
      {"pod", "256", "10", "50000", "67108864"},
      {"a", "102", "4", "20000", "33554432"},
      {"b", "153", "6", "30000", "33554432"},
  };
  for (const auto& [group, shares, weight, quota, memory] : wanted) {
    SCOPED_TRACE(group);
    if (v2) {
      EXPECT_EQ(control(group, "", "cpu.weight"), weight);
      EXPECT_EQ(control(group, "", "cpu.max"), std::string(quota) + " 100000");
      EXPECT_EQ(control(group, "", "memory.max"), memory);
    } else {
      EXPECT_EQ(control(group, "cpu", "cpu.shares"), shares);
      EXPECT_EQ(control(group, "cpu", "cpu.cfs_quota_us"), quota);
      EXPECT_EQ(control(group, "cpu", "cpu.cfs_period_us"), "100000");
      EXPECT_EQ(control(group, "memory", "memory.limit_in_bytes"), memory);
    }
  }
  remove("limited", 0);
  ASSERT_TRUE(run_until([&] { return pod("limited") == nullptr; }));
  for (const char* controller : {"cpu", "memory"})
    EXPECT_FALSE(fs::exists(fs::path("/sys/fs/cgroup") / (v2 ? "" : controller) / below.substr(1)));
}

TEST_F(KubeletContainerdTest, RunsAJobToItsEnd) {
  api::Pod made = a_pod("job").restart("Never").container("main", "busybox").build();
  command(made, "main", "echo done");
  api->put(made);
  ASSERT_TRUE(run_until([&] { return pod("job")->status.phase == "Succeeded"; })) << explain("job");
  EXPECT_THAT(log_of("job", "main"), HasSubstr("stdout F done"));
}

}  // namespace
}  // namespace skiff::kubelet
