// SPDX-License-Identifier: Apache-2.0
// What a node cannot give, takes away, and counts.
#include "tests/unit/kubelet/kubelet_fixture.h"

namespace skiff::kubelet {
namespace {

using ::testing::IsEmpty;

TEST_F(KubeletTest, CountsWhatItDoesUnderKubernetesNames) {
  api::Pod made = PodBuilder("web").init("step").container("main").build();
  made.spec.containers[0].readinessProbe.emplace().exec.emplace().command = {"ready"};
  put(made);
  ASSERT_TRUE(run_until([&] { return runtime.called("start step/0"); }));
  runtime.exit_container("step", 0);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  const auto shown = [&] {
    agent->kubelet->refresh_metrics();
    return metrics::text(agent->registry);
  };
  const std::string text = shown();
  for (const char* line : {
           "kubelet_node_name{node=\"node-1\"} 1\n",
           "kubelet_running_pods 1\n",
           "kubelet_running_containers{container_state=\"running\"} 1\n",
           "kubelet_running_containers{container_state=\"exited\"} 1\n",
           "kubelet_started_pods_total 1\n",
           "kubelet_started_containers_total{container_type=\"container\"} 1\n",
           "kubelet_started_containers_total{container_type=\"init_container\"} 1\n",
           "kubelet_pod_start_duration_seconds_count 1\n",
           "kubelet_pod_worker_duration_seconds_count{operation_type=\"sync\"}",
           "kubelet_pleg_relist_duration_seconds_count ",
       })
    EXPECT_THAT(text, ::testing::HasSubstr(line));
  EXPECT_THAT(text,
              ::testing::ContainsRegex("prober_probe_total\\{.*result=\"successful\".*\\} 1"));
  remove("web");
  ASSERT_TRUE(run_until([&] { return agent->kubelet->pod_count() == 0; }));
  EXPECT_THAT(shown(), ::testing::Not(::testing::HasSubstr("prober_probe_total{")));
  EXPECT_THAT(shown(), ::testing::HasSubstr("kubelet_running_pods 0\n"));
}

TEST_F(KubeletTest, RefusesAPodWhoseAppArmorProfileItCannotEnforce) {
  api::Pod made = PodBuilder("web").container("main").build();
  made.spec.containers[0].securityContext.emplace().appArmorProfile.emplace().type =
      "RuntimeDefault";
  put(made);
  ASSERT_TRUE(run_until([&] { return pod("web")->status.phase == "Failed"; }));
  EXPECT_EQ(pod("web")->status.reason, "AppArmor");
  EXPECT_TRUE(run_until([&] { return api().saw_event("AppArmor", "Cannot enforce AppArmor"); }));
  EXPECT_THAT(runtime.calls, IsEmpty());
}

TEST_F(KubeletTest, DoesNotRunAPodWithoutTheUserNamespaceItAsksFor) {
  api::Pod made = PodBuilder("web").container("main").build();
  made.spec.hostUsers = false;
  put(made);
  EXPECT_TRUE(run_until([&] {
    return api().saw_event("FailedCreatePodSandBox", "spec.hostUsers: false: this node has no");
  }));
  EXPECT_EQ(runtime.count("run sandbox"), 0);
}

TEST_F(KubeletTest, SaysWhatItLeftOutOfTheDnsConfig) {
  api::Pod made = PodBuilder("web").container("main").build();
  made.spec.dnsConfig.emplace().nameservers = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  put(made);
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  EXPECT_TRUE(run_until([&] {
    return api().saw_event("DNSConfigForming",
                           "the applied nameserver line is: 10.96.0.10 10.0.0.1 10.0.0.2");
  }));
}

TEST_F(KubeletTest, EvictsAPodWhoseEmptyDirGrowsOverItsLimit) {
  api::Volume cache;
  cache.name = "cache";
  cache.emptyDir.emplace().sizeLimit = *api::Quantity::parse("64Ki");
  put(PodBuilder("web").volume(cache).container("main").mount("cache", "/cache").build());
  ASSERT_TRUE(run_until([&] { return ready("web"); }));
  const fs::path volume = runtime.config_of("main")->mounts[0].host_path;
  ASSERT_TRUE(write_file_atomic(volume / "small", std::string(10'000, 'x'), 0644).ok());
  settle();
  EXPECT_EQ(pod("web")->status.phase, "Running");
  ASSERT_TRUE(write_file_atomic(volume / "large", std::string(100'000, 'x'), 0644).ok());
  ASSERT_TRUE(run_until([&] { return pod("web")->status.phase == "Failed"; }));
  EXPECT_EQ(pod("web")->status.reason, "Evicted");
  EXPECT_EQ(pod("web")->status.message,
            "Usage of EmptyDir volume \"cache\" exceeds the limit \"64Ki\". ");
  EXPECT_TRUE(run_until([&] { return runtime.running().empty(); }));
}

}  // namespace
}  // namespace skiff::kubelet
