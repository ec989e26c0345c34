// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/termination_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/kubelet/pod_plan.h"
#include "tests/builders/pod_builder.h"
#include "tests/unit/kubelet/observed_builder.h"

namespace skiff::kubelet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> ids(const std::vector<Kill>& kills) {
  std::vector<std::string> list;
  for (const Kill& kill : kills) list.push_back(kill.container_id);
  return list;
}

const api::Pod& a_pod() {
  static const api::Pod pod =
      PodBuilder("web").sidecar("one").sidecar("two").init("step").container("main").build();
  return pod;
}

TerminationPlan plan_of(const Scene& scene, bool in_order = true) {
  return plan_termination(&a_pod(), scene.observed, scene.memory, in_order);
}

TEST(TerminationPlan, StopsMainContainersBeforeSidecarsInReverseOrder) {
  EXPECT_THAT(ids(plan_of(Scene().sandbox().running("one").running("two").running("main")).kill),
              ElementsAre("main-0"));
  EXPECT_THAT(ids(plan_of(Scene().sandbox().running("one").running("two").exited("main", 0)).kill),
              ElementsAre("two-0"));
  EXPECT_THAT(
      ids(plan_of(Scene().sandbox().running("one").exited("two", 0).exited("main", 0)).kill),
      ElementsAre("one-0"));
  EXPECT_TRUE(
      plan_of(Scene().sandbox().exited("one", 0).exited("two", 0).exited("main", 0)).stopped);
}

TEST(TerminationPlan, BeginsTheHooksOfThoseWhoWait) {
  const TerminationPlan plan =
      plan_of(Scene().sandbox().running("one").running("two").running("main"));
  EXPECT_THAT(ids(plan.pre_stop), UnorderedElementsAre("one-0", "two-0"));
}

TEST(TerminationPlan, WaitsForWhomeverIsBeingStopped) {
  Scene scene = Scene().sandbox().running("one").running("main");
  scene.memory.killing["main-0"] = at_second(30);
  const TerminationPlan plan = plan_of(scene);
  EXPECT_THAT(ids(plan.kill), IsEmpty());
  EXPECT_THAT(ids(plan.pre_stop), ElementsAre("one-0"));
  EXPECT_FALSE(plan.stopped);
}

TEST(TerminationPlan, StopsAllAtOnceWhenTheGracePeriodIsOver) {
  Scene scene = Scene().sandbox().running("one").running("two").running("main");
  scene.memory.killing["main-0"] = at_second(30);
  const TerminationPlan plan = plan_of(scene, false);
  EXPECT_THAT(ids(plan.kill), UnorderedElementsAre("one-0", "two-0"));
  EXPECT_THAT(ids(plan.pre_stop), IsEmpty());
}

TEST(TerminationPlan, StopsWhatNoPodOwns) {
  const Scene scene = Scene().sandbox().running("main");
  const TerminationPlan plan = plan_termination(nullptr, scene.observed, scene.memory);
  EXPECT_EQ(plan.kill.size(), 1u);
  EXPECT_FALSE(plan.stopped);
}

// A job's sidecars end in the same order as those of a deleted pod.
TEST(TerminationPlan, HoldsForPodsThatAreDone) {
  const api::Pod pod =
      PodBuilder("job").restart("Never").sidecar("one").sidecar("two").container("main").build();
  const Scene scene = Scene().sandbox().running("one").running("two").exited("main", 0);
  const Plan done = plan(pod, scene.observed, scene.memory, at_second(0));
  EXPECT_TRUE(done.finished);
  EXPECT_THAT(ids(done.kill), ElementsAre("two-0"));
  EXPECT_THAT(ids(done.pre_stop), ElementsAre("one-0"));
}

}  // namespace
}  // namespace skiff::kubelet
