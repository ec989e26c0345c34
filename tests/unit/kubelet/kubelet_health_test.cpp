// SPDX-License-Identifier: Apache-2.0
// Probes and hooks of pods.
#include "tests/unit/kubelet/kubelet_fixture.h"

namespace skiff::kubelet {
namespace {

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

TEST_F(KubeletTest, HoldsOtherProbesBackUntilTheStartupProbePasses) {
  api::Pod made = PodBuilder("web").container("main").build();
  api::Container& main = made.spec.containers[0];
  main.startupProbe.emplace().exec.emplace().command = {"up"};
  main.startupProbe->periodSeconds = 1;
  main.livenessProbe.emplace().exec.emplace().command = {"alive"};
  main.readinessProbe.emplace().exec.emplace().command = {"ready"};
  runtime.exec_results["up"].exit_code = 1;
  put(made);
  ASSERT_TRUE(run_until([&] { return runtime.called("exec main up"); }));
  settle();
  EXPECT_FALSE(runtime.called("exec main alive"));
  EXPECT_FALSE(runtime.called("exec main ready"));
  EXPECT_FALSE(*pod("web")->status.containerStatuses[0].started);
  runtime.exec_results["up"].exit_code = 0;
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  EXPECT_TRUE(*pod("web")->status.containerStatuses[0].started);
  EXPECT_TRUE(run_until([&] { return runtime.called("exec main alive"); }));
}

TEST_F(KubeletTest, RestartsWhatFailsItsStartupProbe) {
  api::Pod made = PodBuilder("web").container("main").build();
  api::Probe& probe = made.spec.containers[0].startupProbe.emplace();
  probe.exec.emplace().command = {"up"};
  probe.failureThreshold = 1;
  probe.terminationGracePeriodSeconds = 3;
  runtime.exec_results["up"].exit_code = 1;
  put(made);
  ASSERT_TRUE(run_until([&] { return runtime.called("start main/1"); }));
  EXPECT_TRUE(runtime.called("stop main/0 3s"));
  EXPECT_TRUE(
      run_until([&] { return api().saw_event("Killing", "Container main failed startup probe"); }));
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

}  // namespace
}  // namespace skiff::kubelet
