// SPDX-License-Identifier: Apache-2.0
// How pods end.
#include "tests/unit/kubelet/kubelet_fixture.h"

namespace skiff::kubelet {
namespace {

using ::testing::IsEmpty;

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

TEST_F(KubeletTest, BeginsTheHookOfASidecarAtOnceAndStopsItInItsTurn) {
  runtime.stubborn.insert("main");
  api::Pod made = PodBuilder("web").sidecar("log").container("main").build();
  made.spec.initContainers[0].lifecycle.emplace().preStop.emplace().exec.emplace().command = {
      "flush"};
  put(made);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  remove("web", 7);
  ASSERT_TRUE(run_until([&] { return runtime.called("exec log flush"); }));
  EXPECT_TRUE(run_until([&] { return runtime.called("stop main/0 7s"); }));
  settle();
  EXPECT_EQ(runtime.count("stop log"), 0);
  runtime.exit_container("main", 0);
  EXPECT_TRUE(run_until([&] { return runtime.called("stop log/0 7s"); }));
  EXPECT_EQ(runtime.count("exec log flush"), 1);
}

TEST_F(KubeletTest, StopsWhatTheApiHasForgotten) {
  put(PodBuilder("web").container("main").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  agent->pods.erase({"default", "web"});
  ASSERT_TRUE(run_until([&] { return agent->kubelet->pod_count() == 0; }));
  EXPECT_EQ(runtime.sandbox_count(), 0u);
}

}  // namespace
}  // namespace skiff::kubelet
