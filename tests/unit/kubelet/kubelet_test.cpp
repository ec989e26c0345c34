// SPDX-License-Identifier: Apache-2.0
// A pod's life on a node.
#include "tests/unit/kubelet/kubelet_fixture.h"

namespace skiff::kubelet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

// A container that ran when its agent died.
class CutOffTest : public KubeletTest {
 protected:
  // `befalls` does to it what the next agent finds; that one starts it again under its number.
  template <class Befalls>
  void start_again(const api::Pod& started, Befalls befalls) {
    const std::string& name = started.metadata.name;
    put(started);
    ASSERT_TRUE(run_until([&] { return ready(name); }));
    const PodPtr seen = pod(name);  // its status has told the container's id already
    befalls(*seen);
    restart_agent();
    agent->pods.replace({seen});
    ASSERT_TRUE(run_until([&] { return runtime.count("start main/0") == 2; }));
    ASSERT_TRUE(run_until([&] { return ready(name); }));
  }
};

TEST_F(CutOffTest, AStartThatDiedWithTheAgentIsNoRestartAndNoFailure) {
  start_again(PodBuilder("once").restart("Never").container("main").build(),
              [&](const api::Pod&) { runtime.cut_off("main"); });
  EXPECT_TRUE(runtime.called("remove main/0"));
  EXPECT_EQ(runtime.count("start main/0"), 2);
  EXPECT_EQ(pod("once")->status.containerStatuses[0].restartCount, 0);
  EXPECT_FALSE(pod("once")->status.containerStatuses[0].lastState.terminated);
}

TEST_F(CutOffTest, AContainerThatWasMadeWhenTheAgentDiedIsStartedUnderItsNumber) {
  start_again(PodBuilder("web").container("main").build(),
              [&](const api::Pod&) { runtime.leave_created("main"); });
  EXPECT_EQ(pod("web")->status.containerStatuses[0].restartCount, 0);
}

TEST_F(CutOffTest, AStartThatDiedWithTheAgentIsKnownWhateverItsProcessWrote) {
  start_again(
      PodBuilder("once").restart("Never").container("main").build(), [&](const api::Pod& seen) {
        const PodPaths paths(Options{.data_dir = dir / "data", .log_dir = dir / "logs"}, seen);
        const fs::path words = paths.termination_message("main", 0);
        ASSERT_TRUE(make_directories(words.parent_path()).ok());
        ASSERT_TRUE(write_file_atomic(words, "last words", 0644).ok());
        runtime.cut_off("main");
      });
}

TEST_F(KubeletTest, AStartOfOursThatFailedStaysAFailureAfterALaterOneSucceeded) {
  runtime.failures["start main"] = unavailable("context canceled");
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return runtime.called("start main/0"); }));
  runtime.failures.clear();
  ASSERT_TRUE(run_until([&] {
    clock.advance(std::chrono::seconds(1));
    return ready("web");
  }));
  EXPECT_EQ(runtime.count("start main/0"), 1);
  EXPECT_GE(pod("web")->status.containerStatuses[0].restartCount, 1);
  EXPECT_TRUE(pod("web")->status.containerStatuses[0].lastState.terminated);
}

TEST_F(CutOffTest, AnAttemptIsMadeAgainOnceOnly) {
  start_again(PodBuilder("web").container("main").build(),
              [&](const api::Pod&) { runtime.cut_off("main"); });
  runtime.lose("main");
  ASSERT_TRUE(run_until([&] { return runtime.called("start main/1"); }));
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

TEST_F(KubeletTest, WithoutALimitOfDiskAPodIsToldTheNodes) {
  api::Pod made = PodBuilder("web").container("main").build();
  api::EnvVar variable;
  variable.name = "DISK";
  variable.valueFrom.emplace().resourceFieldRef.emplace().resource = "limits.ephemeral-storage";
  made.spec.containers[0].env.push_back(variable);
  put(made);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  const auto* config = runtime.config_of("main");
  ASSERT_TRUE(config);
  const auto disk = std::ranges::find(config->envs, "DISK", &runtime::EnvVar::name);
  ASSERT_NE(disk, config->envs.end());
  EXPECT_EQ(disk->value, std::to_string(fs::space(dir).capacity));
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
