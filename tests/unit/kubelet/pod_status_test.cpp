// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/builders/pod_builder.h"
#include "tests/unit/kubelet/observed_builder.h"

namespace skiff::kubelet {
namespace {

const Options kOptions = {.node_name = "node-1", .node_ips = {"10.89.0.2"}};

api::PodStatus status_of(const api::Pod& pod, const Scene& scene, int64_t second = 0,
                         bool terminal = false) {
  const Plan next = plan(pod, scene.observed, scene.memory, at_second(second));
  return pod_status({.pod = pod,
                     .observed = scene.observed,
                     .memory = scene.memory,
                     .plan = terminal ? nullptr : &next,
                     .options = kOptions,
                     .now = at_second(second),
                     .terminal = terminal});
}

std::string condition(const api::PodStatus& status, const std::string& type) {
  for (const auto& c : status.conditions)
    if (c.type == type) return c.reason.empty() ? c.status : c.status + " " + c.reason;
  return "absent";
}

struct PhaseCase {
  std::string policy;
  Scene scene;
  std::string phase;
};

TEST(PodStatus, HasThePhaseThatItsContainersMake) {
  const std::vector<PhaseCase> cases = {
      {"Always", Scene(), "Pending"},
      {"Always", Scene().sandbox(), "Pending"},
      {"Always", Scene().sandbox().running("main"), "Running"},
      {"Always", Scene().sandbox().exited("main", 0), "Running"},
      {"Always", Scene().sandbox().exited("main", 1), "Running"},
      {"OnFailure", Scene().sandbox().exited("main", 0), "Succeeded"},
      {"OnFailure", Scene().sandbox().exited("main", 1), "Running"},
      {"Never", Scene().sandbox().exited("main", 0), "Succeeded"},
      {"Never", Scene().sandbox().exited("main", 1), "Failed"},
  };
  for (const auto& c : cases) {
    const api::Pod pod = PodBuilder("web").restart(c.policy).container("main").build();
    EXPECT_EQ(status_of(pod, c.scene).phase, c.phase) << c.policy;
  }
}

TEST(PodStatus, AContainerThatCouldNotStartBeganAtTheEpoch) {
  const api::Pod pod = PodBuilder("web").restart("Never").container("main").build();
  const api::PodStatus status = status_of(pod, Scene().sandbox().not_started("main", 7), 8);
  const auto& terminated = status.containerStatuses.at(0).state.terminated;
  ASSERT_TRUE(terminated);
  EXPECT_EQ(terminated->reason, "StartError");
  EXPECT_EQ(terminated->startedAt.to_string(), "1970-01-01T00:00:00Z");
  EXPECT_TRUE(terminated->startedAt);  // written, and read again as itself
  EXPECT_EQ(*api::Time::parse("1970-01-01T00:00:00Z"), terminated->startedAt);
  EXPECT_FALSE(*api::Time::parse("0001-01-01T00:00:00Z"));
}

TEST(PodStatus, IsPendingWhileInitContainersRun) {
  const api::Pod pod = PodBuilder("web").init("one").container("main").build();
  const api::PodStatus status = status_of(pod, Scene().sandbox().running("one"));
  EXPECT_EQ(status.phase, "Pending");
  EXPECT_EQ(status.containerStatuses[0].state.waiting->reason, "PodInitializing");
  EXPECT_EQ(condition(status, "Initialized"), "False ContainersNotInitialized");
}

TEST(PodStatus, SaysWhatItIsWaitingFor) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  EXPECT_EQ(status_of(pod, Scene()).containerStatuses[0].state.waiting->reason,
            "ContainerCreating");
  Scene scene = Scene().sandbox();
  scene.memory.waiting["main"] = {"ErrImagePull", "no such host"};
  const auto status = status_of(pod, scene);
  EXPECT_EQ(status.containerStatuses[0].state.waiting->reason, "ErrImagePull");
  EXPECT_EQ(status.containerStatuses[0].state.waiting->message, "no such host");
}

TEST(PodStatus, ShowsACrashLoopWithItsLastState) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox().exited("main", 3, 5);
  scene.memory.crash_backoff["main"].advance(at_second(0));
  const auto status = status_of(pod, scene, 6);
  const auto& main = status.containerStatuses[0];
  EXPECT_EQ(main.state.waiting->reason, "CrashLoopBackOff");
  ASSERT_TRUE(main.lastState.terminated);
  EXPECT_EQ(main.lastState.terminated->exitCode, 3);
  EXPECT_EQ(main.lastState.terminated->reason, "Error");
  EXPECT_EQ(status.phase, "Running");
}

TEST(PodStatus, CountsRestartsAndShowsTheInstanceBefore) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  const auto status = status_of(pod, Scene().sandbox().exited("main", 1).running("main"));
  EXPECT_EQ(status.containerStatuses[0].restartCount, 1);
  EXPECT_EQ(status.containerStatuses[0].containerID, "containerd://main-1");
  EXPECT_EQ(status.containerStatuses[0].lastState.terminated->containerID, "containerd://main-0");
}

TEST(PodStatus, IsReadyWithoutProbesOnceItRuns) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  const auto status = status_of(pod, Scene().sandbox().running("main"));
  EXPECT_TRUE(status.containerStatuses[0].ready);
  EXPECT_TRUE(status.containerStatuses[0].started.value_or(false));
  for (const char* type :
       {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"})
    EXPECT_EQ(condition(status, type), "True") << type;
  EXPECT_EQ(status.podIP, "10.244.1.2");
  EXPECT_EQ(status.hostIP, "10.89.0.2");
}

TEST(PodStatus, WaitsForTheReadinessProbe) {
  const api::Pod pod = PodBuilder("web")
                           .container("main")
                           .with([](api::Pod& p) { p.spec.containers[0].readinessProbe.emplace(); })
                           .build();
  Scene scene = Scene().sandbox().running("main");
  auto status = status_of(pod, scene);
  EXPECT_FALSE(status.containerStatuses[0].ready);
  EXPECT_EQ(condition(status, "Ready"), "False ContainersNotReady");
  EXPECT_EQ(status.conditions[2].message, "containers with unready status: [main]");
  scene.memory.health["main-0"].readiness = Verdict::Success;
  EXPECT_TRUE(status_of(pod, scene).containerStatuses[0].ready);
}

TEST(PodStatus, IsNotStartedBeforeTheStartupProbe) {
  const api::Pod pod = PodBuilder("web")
                           .container("main")
                           .with([](api::Pod& p) { p.spec.containers[0].startupProbe.emplace(); })
                           .build();
  const auto status = status_of(pod, Scene().sandbox().running("main"));
  EXPECT_FALSE(status.containerStatuses[0].started.value_or(true));
  EXPECT_FALSE(status.containerStatuses[0].ready);
}

TEST(PodStatus, WaitsForReadinessGates) {
  api::Pod pod = PodBuilder("web").container("main").build();
  pod.spec.readinessGates = {{"example.com/feature"}};
  const Scene scene = Scene().sandbox().running("main");
  auto status = status_of(pod, scene);
  EXPECT_EQ(condition(status, "Ready"), "False ReadinessGatesNotReady");
  EXPECT_EQ(condition(status, "ContainersReady"), "True");
  api::PodCondition gate;
  gate.type = "example.com/feature";
  gate.status = "True";
  pod.status.conditions = {gate};
  status = status_of(pod, scene);
  EXPECT_EQ(condition(status, "Ready"), "True");
  EXPECT_EQ(condition(status, "example.com/feature"), "True");  // kept
}

TEST(PodStatus, MovesTransitionTimesOnlyWithTheStatus) {
  api::Pod pod = PodBuilder("web").container("main").build();
  const Scene scene = Scene().sandbox().running("main");
  pod.status = status_of(pod, scene, 10);
  const auto later = status_of(pod, scene, 20);
  for (const auto& c : later.conditions)
    EXPECT_EQ(c.lastTransitionTime, api::Time(at_second(10))) << c.type;
  EXPECT_EQ(later.startTime, api::Time(at_second(10)));
}

TEST(PodStatus, NeverLeavesATerminalPhase) {
  api::Pod pod = PodBuilder("job").restart("Never").container("main").build();
  pod.status.phase = "Succeeded";
  pod.status.podIP = "10.244.1.9";
  const auto status = status_of(pod, Scene());
  EXPECT_EQ(status.phase, "Succeeded");
  EXPECT_EQ(status.podIP, "10.244.1.9");
}

TEST(PodStatus, EndsADeletedPodAsItsContainersEnded) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  EXPECT_EQ(status_of(pod, Scene().sandbox().exited("main", 0), 0, true).phase, "Succeeded");
  EXPECT_EQ(status_of(pod, Scene().sandbox().exited("main", 143), 0, true).phase, "Failed");
}

TEST(PodStatus, TellsWhyTheNodeFailedIt) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox().running("main");
  scene.memory.failed = Waiting{"DeadlineExceeded", "too long"};
  const auto status = status_of(pod, scene);
  EXPECT_EQ(status.phase, "Failed");
  EXPECT_EQ(status.reason, "DeadlineExceeded");
  EXPECT_EQ(condition(status, "Ready"), "False PodFailed");
}

}  // namespace
}  // namespace skiff::kubelet
