// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/controllers/pod_conditions.h"
#include "tests/unit/controllers/builders.h"

namespace skiff::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<PodPtr> ready_pods(int count) {
  std::vector<PodPtr> pods;
  for (int i = 0; i < count; ++i) pods.push_back(owned_pod(fmt::format("p{}", i)));
  return pods;
}

TEST(ReplicaSetPlan, CreatesWhatIsMissing) {
  struct {
    int32_t wanted;
    int present;
    int32_t create;
    size_t remove;
  } cases[] = {{3, 0, 3, 0}, {3, 2, 1, 0}, {3, 3, 0, 0},
               {3, 5, 0, 2}, {0, 2, 0, 2}, {900, 0, 500, 0}};
  for (const auto& c : cases) {
    const ReplicaSetPlan next = plan(replica_set(c.wanted), ready_pods(c.present), kNow);
    EXPECT_EQ(next.create, c.create) << c.wanted << " of " << c.present;
    EXPECT_EQ(next.remove.size(), c.remove) << c.wanted << " of " << c.present;
  }
}

TEST(ReplicaSetPlan, AbsentReplicasMeanOne) {
  api::ReplicaSet rs = replica_set(1);
  rs.spec.replicas = std::nullopt;
  EXPECT_EQ(plan(rs, {}, kNow).create, 1);
}

TEST(ReplicaSetPlan, DeletesInKubernetesOrder) {
  const auto pending = [](api::Pod& pod) {
    pod.status.phase = "Pending";
    pod.status.conditions.clear();
  };
  const std::vector<PodPtr> pods = {
      owned_pod("ready-long"),
      owned_pod("ready-short",
                [](api::Pod& pod) { pod.status.conditions[0].lastTransitionTime = {kNow - 60s}; }),
      owned_pod(
          "restarts",
          [](api::Pod& pod) { pod.status.containerStatuses.emplace_back().restartCount = 4; }),
      owned_pod("not-ready", [](api::Pod& pod) { pod.status.conditions[0].status = "False"; }),
      owned_pod("cheap",
                [](api::Pod& pod) {
                  pod.metadata.annotations["controller.kubernetes.io/pod-deletion-cost"] = "-5";
                }),
      owned_pod("dear",
                [](api::Pod& pod) {
                  pod.metadata.annotations["controller.kubernetes.io/pod-deletion-cost"] = "10";
                }),
      owned_pod("pending", pending),
      owned_pod("unassigned",
                [&](api::Pod& pod) {
                  pending(pod);
                  pod.spec.nodeName.clear();
                }),
      owned_pod("young",
                [](api::Pod& pod) { pod.metadata.creationTimestamp = api::Time(kNow - 1h); }),
  };
  EXPECT_THAT(names(plan(replica_set(0), pods, kNow).remove),
              ElementsAre("unassigned", "pending", "not-ready", "cheap", "ready-short", "restarts",
                          "young", "ready-long", "dear"));
}

TEST(ReplicaSetPlan, DeletesFirstWhereMostSiblingsAre) {
  const auto on = [](const char* node) {
    return [node](api::Pod& pod) { pod.spec.nodeName = node; };
  };
  const std::vector<PodPtr> pods = {owned_pod("a", on("n1")), owned_pod("b", on("n2")),
                                    owned_pod("c", on("n2"))};
  EXPECT_THAT(names(plan(replica_set(2), pods, kNow).remove), ElementsAre("b"));
}

TEST(ReplicaSetPlan, AdoptsOrphansThatMatch) {
  const PodPtr orphan =
      owned_pod("orphan", [](api::Pod& pod) { pod.metadata.ownerReferences.clear(); });
  const PodPtr foreign =
      owned_pod("foreign", [](api::Pod& pod) { pod.metadata.ownerReferences[0].uid = "other"; });
  const ReplicaSetPlan next = plan(replica_set(2), std::vector{orphan, foreign}, kNow);
  EXPECT_THAT(names(next.adopt), ElementsAre("orphan"));
  EXPECT_EQ(next.create, 1);
  EXPECT_EQ(next.status.replicas, 1);
}

TEST(ReplicaSetPlan, ReleasesPodsThatMatchNoMore) {
  const PodPtr quarantined =
      owned_pod("quarantined", [](api::Pod& pod) { pod.metadata.labels["app"] = "debug"; });
  const ReplicaSetPlan next = plan(replica_set(1), std::vector{quarantined}, kNow);
  EXPECT_THAT(names(next.release), ElementsAre("quarantined"));
  EXPECT_EQ(next.create, 1);
  EXPECT_EQ(next.status.replicas, 0);
}

TEST(ReplicaSetPlan, ReplacesEndedAndLeavingPods) {
  const std::vector<PodPtr> pods = {
      owned_pod("failed", [](api::Pod& pod) { pod.status.phase = "Failed"; }),
      owned_pod("succeeded", [](api::Pod& pod) { pod.status.phase = "Succeeded"; }),
      owned_pod("leaving",
                [](api::Pod& pod) { pod.metadata.deletionTimestamp = api::Time(kNow); })};
  const ReplicaSetPlan next = plan(replica_set(3), pods, kNow);
  EXPECT_EQ(next.create, 3);
  EXPECT_THAT(next.remove, IsEmpty());
}

TEST(ReplicaSetPlan, CountsReadyAvailableAndLabeled) {
  api::ReplicaSet rs = replica_set(3);
  rs.spec.minReadySeconds = 30;
  rs.spec.template_.metadata.labels["tier"] = "front";
  const std::vector<PodPtr> pods = {
      owned_pod("old", [](api::Pod& pod) { pod.metadata.labels["tier"] = "front"; }),
      owned_pod("fresh",
                [](api::Pod& pod) { pod.status.conditions[0].lastTransitionTime = {kNow - 20s}; }),
      owned_pod("not-ready", [](api::Pod& pod) { pod.status.conditions.clear(); })};
  const ReplicaSetPlan next = plan(rs, pods, kNow);
  EXPECT_EQ(next.status.replicas, 3);
  EXPECT_EQ(next.status.fullyLabeledReplicas, 1);
  EXPECT_EQ(next.status.readyReplicas, 2);
  EXPECT_EQ(next.status.availableReplicas, 1);
  EXPECT_EQ(next.status.observedGeneration, 3);
  ASSERT_TRUE(next.again_after);
  EXPECT_EQ(*next.again_after, Duration(10s));
  EXPECT_EQ(plan(rs, pods, kNow + 10s).status.availableReplicas, 2);
}

TEST(ReplicaSetPlan, LeavesItsPodsToTheGarbageCollectorWhenDeleted) {
  api::ReplicaSet rs = replica_set(1);
  rs.metadata.deletionTimestamp = api::Time(kNow);
  std::vector<PodPtr> pods = ready_pods(2);
  pods.push_back(owned_pod("orphan", [](api::Pod& pod) { pod.metadata.ownerReferences.clear(); }));
  const ReplicaSetPlan next = plan(rs, pods, kNow);
  EXPECT_EQ(next.create, 0);
  EXPECT_THAT(next.remove, IsEmpty());
  EXPECT_THAT(next.adopt, IsEmpty());
  EXPECT_EQ(next.status.replicas, 2);
}

TEST(ReplicaSetPlan, PodsHaveTheTemplateAndAnOwner) {
  api::ReplicaSet rs = replica_set(1);
  rs.spec.template_.metadata.annotations["note"] = "x";
  const api::Pod pod = pod_of(rs);
  EXPECT_EQ(pod.metadata.generateName, "web-");
  EXPECT_EQ(pod.metadata.labels, rs.spec.template_.metadata.labels);
  EXPECT_EQ(pod.metadata.annotations, rs.spec.template_.metadata.annotations);
  EXPECT_EQ(pod.spec.containers.size(), 1u);
  ASSERT_EQ(pod.metadata.ownerReferences.size(), 1u);
  const api::OwnerReference& owner = pod.metadata.ownerReferences[0];
  EXPECT_EQ(owner.apiVersion, "apps/v1");
  EXPECT_EQ(owner.kind, "ReplicaSet");
  EXPECT_EQ(owner.uid, "rs-uid");
  EXPECT_EQ(owner.controller, true);
  EXPECT_EQ(owner.blockOwnerDeletion, true);
}

}  // namespace
}  // namespace skiff::controllers
