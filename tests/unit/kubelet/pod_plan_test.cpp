// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/pod_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/builders/pod_builder.h"
#include "tests/unit/kubelet/observed_builder.h"

namespace skiff::kubelet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> starts(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& start : plan.start)
    names.push_back(fmt::format("{}/{}", start.container->name, start.attempt));
  return names;
}

std::vector<std::string> kills(const Plan& plan) {
  std::vector<std::string> ids;
  for (const auto& kill : plan.kill) ids.push_back(kill.container_id);
  return ids;
}

Plan plan_of(const api::Pod& pod, const Scene& scene, int64_t second = 0) {
  return plan(pod, scene.observed, scene.memory, at_second(second));
}

TEST(PodPlan, MakesASandboxFirst) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  const Plan plan = plan_of(pod, Scene());
  EXPECT_EQ(plan.create_sandbox, 0u);
  EXPECT_THAT(plan.start, IsEmpty());
}

TEST(PodPlan, StartsEveryMainContainerInOrder) {
  const api::Pod pod = PodBuilder("web").container("a").container("b").build();
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox())), ElementsAre("a/0", "b/0"));
}

TEST(PodPlan, StartsNothingThatRuns) {
  const api::Pod pod = PodBuilder("web").container("a").container("b").build();
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox().running("a"))), ElementsAre("b/0"));
}

TEST(PodPlan, ReplacesADeadSandboxAfterStoppingWhatHangsOnIt) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox(runtime::SandboxState::NotReady).running("main");
  Plan plan = plan_of(pod, scene);
  EXPECT_THAT(kills(plan), ElementsAre("main-0"));
  EXPECT_FALSE(plan.create_sandbox);

  scene = Scene().sandbox(runtime::SandboxState::NotReady).exited("main", 137);
  plan = plan_of(pod, scene);
  EXPECT_EQ(plan.create_sandbox, 1u);
  EXPECT_THAT(plan.stop_sandboxes, ElementsAre("s0"));
}

TEST(PodPlan, DoesNotReplaceTheSandboxOfAPodThatIsDone) {
  const api::Pod pod = PodBuilder("job").restart("Never").container("main").build();
  const Plan plan =
      plan_of(pod, Scene().sandbox(runtime::SandboxState::NotReady).exited("main", 1));
  EXPECT_FALSE(plan.create_sandbox);
  EXPECT_TRUE(plan.finished);
}

TEST(PodPlan, RunsInitContainersOneAfterTheOther) {
  const api::Pod pod = PodBuilder("web").init("one").init("two").container("main").build();
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox())), ElementsAre("one/0"));
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox().running("one"))), IsEmpty());
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox().exited("one", 0))), ElementsAre("two/0"));
  const Plan plan = plan_of(pod, Scene().sandbox().exited("one", 0).exited("two", 0));
  EXPECT_THAT(starts(plan), ElementsAre("main/0"));
  EXPECT_TRUE(plan.initialized);
}

TEST(PodPlan, RepeatsAFailedInitContainer) {
  const api::Pod pod = PodBuilder("web").init("one").container("main").build();
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox().exited("one", 1))), ElementsAre("one/1"));
}

TEST(PodPlan, GivesUpAPodThatNeverRestartsAfterAFailedInitContainer) {
  const api::Pod pod = PodBuilder("job").restart("Never").init("one").container("main").build();
  const Plan plan = plan_of(pod, Scene().sandbox().exited("one", 1));
  EXPECT_TRUE(plan.finished);
  EXPECT_THAT(plan.stop_sandboxes, ElementsAre("s0"));
}

TEST(PodPlan, RepeatsTheInitContainersInANewSandbox) {
  const api::Pod pod = PodBuilder("web").init("one").container("main").build();
  Scene scene =
      Scene().sandbox(runtime::SandboxState::NotReady).exited("one", 0).exited("main", 137);
  scene.sandbox();
  EXPECT_THAT(starts(plan_of(pod, scene)), ElementsAre("one/1"));
}

TEST(PodPlan, StartsTheNextContainerOnceASidecarHasStarted) {
  const api::Pod pod = PodBuilder("web").sidecar("log").container("main").build();
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox())), ElementsAre("log/0"));
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox().running("log"))), ElementsAre("main/0"));
}

TEST(PodPlan, WaitsForTheStartupProbeOfASidecar) {
  const api::Pod pod =
      PodBuilder("web")
          .sidecar("log")
          .with([](api::Pod& p) { p.spec.initContainers[0].startupProbe.emplace(); })
          .container("main")
          .build();
  Scene scene = Scene().sandbox().running("log");
  EXPECT_THAT(starts(plan_of(pod, scene)), IsEmpty());
  scene.memory.health["log-0"].startup = Verdict::Success;
  EXPECT_THAT(starts(plan_of(pod, scene)), ElementsAre("main/0"));
}

TEST(PodPlan, RestartsACrashedSidecarBesideTheMainContainer) {
  const api::Pod pod = PodBuilder("web").restart("Never").sidecar("log").container("main").build();
  const Plan plan = plan_of(pod, Scene().sandbox().exited("log", 1).running("main"));
  EXPECT_THAT(starts(plan), ElementsAre("log/1"));
  EXPECT_THAT(plan.kill, IsEmpty());
}

TEST(PodPlan, StopsSidecarsWhenTheMainContainersAreDone) {
  const api::Pod pod = PodBuilder("job").restart("Never").sidecar("log").container("main").build();
  const Plan plan = plan_of(pod, Scene().sandbox().running("log").exited("main", 0));
  EXPECT_TRUE(plan.finished);
  EXPECT_THAT(kills(plan), ElementsAre("log-0"));
  EXPECT_THAT(plan.stop_sandboxes, IsEmpty());
}

struct RestartCase {
  const char* policy;
  int32_t exit_code;
  bool restarts;
};
class PodPlanRestart : public ::testing::TestWithParam<RestartCase> {};

TEST_P(PodPlanRestart, FollowsThePolicy) {
  const api::Pod pod = PodBuilder("web").restart(GetParam().policy).container("main").build();
  const Plan plan = plan_of(pod, Scene().sandbox().exited("main", GetParam().exit_code));
  EXPECT_EQ(plan.start.size(), GetParam().restarts ? 1u : 0u);
  EXPECT_EQ(plan.finished, !GetParam().restarts);
}
INSTANTIATE_TEST_SUITE_P(
    Policies, PodPlanRestart,
    ::testing::Values(RestartCase{"Always", 0, true}, RestartCase{"Always", 1, true},
                      RestartCase{"OnFailure", 0, false}, RestartCase{"OnFailure", 1, true},
                      RestartCase{"Never", 0, false}, RestartCase{"Never", 1, false}));

TEST(PodPlan, WaitsBetweenCrashes) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox().exited("main", 1, 0).exited("main", 1, 5);
  scene.memory.crash_backoff["main"].advance(at_second(0));
  Plan plan = plan_of(pod, scene, 6);
  EXPECT_THAT(plan.start, IsEmpty());
  EXPECT_EQ(plan.waits["main"].reason, "CrashLoopBackOff");
  EXPECT_EQ(plan.waits["main"].message,
            "back-off 10s restarting failed container=main pod=web_default(uid-web)");
  EXPECT_EQ(plan.again_at, at_second(15));
  EXPECT_THAT(starts(plan_of(pod, scene, 15)), ElementsAre("main/2"));
}

TEST(PodPlan, WaitsAfterAStartThatFailed) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox();
  scene.memory.retry_at["main"] = at_second(10);
  const Plan plan = plan_of(pod, scene, 3);
  EXPECT_THAT(plan.start, IsEmpty());
  EXPECT_EQ(plan.again_at, at_second(10));
}

TEST(PodPlan, KillsWhatFailsItsLivenessProbe) {
  const api::Pod pod =
      PodBuilder("web")
          .container("main")
          .with([](api::Pod& p) {
            p.spec.containers[0].livenessProbe.emplace().terminationGracePeriodSeconds = 3;
          })
          .build();
  Scene scene = Scene().sandbox().running("main");
  scene.memory.health["main-0"] = {Verdict::Success, Verdict::Failure, Verdict::Success};
  const Plan plan = plan_of(pod, scene);
  ASSERT_THAT(kills(plan), ElementsAre("main-0"));
  EXPECT_EQ(plan.kill[0].message, "Container main failed liveness probe, will be restarted");
  EXPECT_EQ(plan.kill[0].grace, std::chrono::seconds(3));
}

TEST(PodPlan, KillsOnlyOnce) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox().running("main");
  scene.memory.health["main-0"] = {Verdict::Success, Verdict::Failure, Verdict::Success};
  scene.memory.killing["main-0"] = at_second(30);
  EXPECT_THAT(plan_of(pod, scene).kill, IsEmpty());
}

TEST(PodPlan, ReplacesAContainerWhoseImageChanged) {
  const api::Pod pod = PodBuilder("web").container("main", "nginx:2").build();
  Scene scene = Scene().sandbox().running("main");
  scene.observed.containers[0].status.annotations[kHashAnnotation] = "old";
  const Plan plan = plan_of(pod, scene);
  ASSERT_EQ(plan.kill.size(), 1u);
  EXPECT_THAT(plan.kill[0].message, HasSubstr("definition changed"));
}

TEST(PodPlan, EndsAPodThatTheNodeFailed) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox().running("main");
  scene.memory.failed = Waiting{"DeadlineExceeded", ""};
  const Plan plan = plan_of(pod, scene);
  EXPECT_TRUE(plan.finished);
  EXPECT_THAT(kills(plan), ElementsAre("main-0"));
}

TEST(PodPlan, StartsNothingOfAPodThatIsOver) {
  api::Pod pod = PodBuilder("job").container("main").build();
  pod.status.phase = "Succeeded";
  const Plan plan = plan_of(pod, Scene());
  EXPECT_TRUE(plan.finished);
  EXPECT_FALSE(plan.create_sandbox);
}

TEST(PodPlan, KeepsTheLastTwoInstancesOfAContainer) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  const Plan plan = plan_of(
      pod, Scene().sandbox().exited("main", 1).exited("main", 1).exited("main", 1).running("main"));
  EXPECT_THAT(plan.remove_containers, ElementsAre("main-1", "main-0"));
}

TEST(PodPlan, RemovesOldSandboxesThatAreEmpty) {
  const api::Pod pod = PodBuilder("web").container("main").build();
  Scene scene = Scene().sandbox(runtime::SandboxState::NotReady);
  scene.sandbox().running("main");
  EXPECT_THAT(plan_of(pod, scene).remove_sandboxes, ElementsAre("s0"));
}

TEST(PodPlan, CountsOnFromTheApiWhenTheRuntimeForgot) {
  api::Pod pod = PodBuilder("web").container("main").build();
  api::ContainerStatus status;
  status.name = "main";
  status.restartCount = 4;
  status.containerID = "containerd://gone";
  pod.status.containerStatuses = {status};
  EXPECT_THAT(starts(plan_of(pod, Scene().sandbox())), ElementsAre("main/5"));
}

TEST(PodPlan, SeesThePassedDeadline) {
  api::Pod pod = PodBuilder("job").container("main").build();
  pod.spec.activeDeadlineSeconds = 10;
  EXPECT_FALSE(past_deadline(pod, at_second(100)));
  pod.status.startTime = api::Time(at_second(0));
  EXPECT_FALSE(past_deadline(pod, at_second(9)));
  EXPECT_TRUE(past_deadline(pod, at_second(10)));
}

TEST(Backoff, DoublesToFiveMinutesAndForgetsAfterTen) {
  Backoff backoff;
  EXPECT_FALSE(backoff.blocked_until(at_second(0), at_second(0)));
  int64_t failed = 0;
  for (const int64_t delay : {10, 20, 40, 80, 160, 300, 300}) {
    backoff.advance(at_second(failed));
    failed += delay;
    EXPECT_EQ(backoff.blocked_until(at_second(failed), at_second(failed)),
              at_second(failed + delay));
  }
  EXPECT_FALSE(backoff.blocked_until(at_second(failed + 1000), at_second(failed + 1000)));
  backoff.advance(at_second(failed + 1000));
  EXPECT_EQ(backoff.delay(), std::chrono::seconds(10));
}

}  // namespace
}  // namespace skiff::kubelet
