// SPDX-License-Identifier: Apache-2.0
#include "cli/agents.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

api::Pod agent(const char* name, const char* node, int age = 0) {
  api::Pod pod;
  pod.metadata.namespace_ = "kube-system";
  pod.metadata.name = name;
  pod.metadata.creationTimestamp.at = TimePoint(std::chrono::seconds(1000 - age));
  pod.spec.nodeName = node;
  api::Container container;
  container.ports = {{.name = "health", .containerPort = 10256},
                     {.name = "agent", .containerPort = 10350}};
  pod.spec.containers = {container};
  pod.status.phase = "Running";
  return pod;
}

TEST(AgentPods, AreTheYoungestThatRunsOnEachNode) {
  api::Pod pending = agent("c", "n2");
  pending.status.phase = "Pending";
  api::Pod leaving = agent("d", "n1");
  leaving.metadata.deletionTimestamp.at = TimePoint(std::chrono::seconds(2000));
  api::Pod portless = agent("e", "n3");
  portless.spec.containers.front().ports.clear();
  const auto agents =
      agent_pods({agent("old", "n1", 50), agent("new", "n1", 10), pending, leaving, portless});
  ASSERT_EQ(agents.size(), 1u);
  EXPECT_EQ(agents.at("n1"), (AgentPod{"kube-system", "new", 10350}));
}

TEST(AgentPods, AreReachedThroughTheApiServer) {
  EXPECT_EQ(proxy_path({"kube-system", "skiff-agent-x", 10350}, "/observe/flows"),
            "/api/v1/namespaces/kube-system/pods/https:skiff-agent-x:10350/proxy/observe/flows");
}

}  // namespace
}  // namespace skiff::cli
