// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/controllers/node_ipam.h"
#include "controller/controllers/node_lifecycle.h"
#include "tests/unit/controllers/builders.h"

namespace skiff::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using NodePtr = std::shared_ptr<const api::Node>;

std::vector<Cidr> ranges(std::initializer_list<const char*> texts) {
  std::vector<Cidr> list;
  for (const char* text : texts) list.push_back(*Cidr::parse(text));
  return list;
}

NodePtr node_with(std::vector<std::string> cidrs) {
  api::Node node;
  node.spec.podCIDRs = std::move(cidrs);
  return share(node);
}

std::vector<std::string> given(const std::vector<Cidr>& cluster,
                               const std::vector<NodePtr>& nodes) {
  std::vector<std::string> texts;
  const auto plan = plan_node_ranges(cluster, nodes);
  EXPECT_TRUE(plan.ok()) << message(plan.status());
  if (plan.ok())
    for (const Cidr& range : *plan) texts.push_back(range.to_string());
  return texts;
}

TEST(NodeRanges, TakeTheFirstFreeOfEachFamily) {
  const auto cluster = ranges({"10.244.0.0/16", "fd00:10:244::/56"});
  EXPECT_THAT(given(cluster, {}), ElementsAre("10.244.0.0/24", "fd00:10:244::/64"));
  EXPECT_THAT(given(cluster, {node_with({"10.244.0.0/24", "fd00:10:244::/64"}), node_with({})}),
              ElementsAre("10.244.1.0/24", "fd00:10:244:1::/64"));
  // The gap that a deleted node left is used again.
  EXPECT_THAT(given(cluster, {node_with({"10.244.0.0/24"}), node_with({"10.244.2.0/24"})}),
              ElementsAre("10.244.1.0/24", "fd00:10:244::/64"));
}

TEST(NodeRanges, AFullClusterRangeIsNamed) {
  const auto plan =
      plan_node_ranges(ranges({"10.244.0.0/23"}),
                       std::vector{node_with({"10.244.0.0/24"}), node_with({"10.244.1.0/24"})});
  EXPECT_EQ(plan.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(message(plan.status()),
            "cluster range 10.244.0.0/23 has no free /24 left for this node");
}

TEST(NodeRanges, ASmallClusterRangeIsOneNodes) {
  EXPECT_THAT(given(ranges({"10.9.8.0/26"}), {}), ElementsAre("10.9.8.0/26"));
}

api::NodeCondition condition(const char* type, const char* status) {
  api::NodeCondition condition;
  condition.type = type;
  condition.status = status;
  condition.lastHeartbeatTime = api::Time(kNow - 60s);
  condition.lastTransitionTime = api::Time(kNow - 1h);
  return condition;
}

api::Node node(const char* ready = "True") {
  api::Node node;
  node.metadata.name = "n1";
  node.status.conditions = {condition("Ready", ready), condition("MemoryPressure", "False"),
                            condition("DiskPressure", "False"), condition("PIDPressure", "False")};
  return node;
}

std::vector<std::string> taints_of(const NodeLifecyclePlan& plan) {
  std::vector<std::string> texts;
  if (plan.taints)
    for (const api::Taint& taint : *plan.taints) texts.push_back(taint.key + ":" + taint.effect);
  return texts;
}

TEST(NodeLifecyclePlan, AReadyNodeIsLeftAlone) {
  const NodeLifecyclePlan plan = plan_lifecycle(node(), kNow - 20s, kNow);
  EXPECT_FALSE(plan.status);
  EXPECT_FALSE(plan.taints);
  ASSERT_TRUE(plan.again_after);
  EXPECT_EQ(*plan.again_after, Duration(30s));
}

TEST(NodeLifecyclePlan, ASilentNodeBecomesUnknownAfterItsGrace) {
  EXPECT_FALSE(plan_lifecycle(node(), kNow - 49s, kNow).status);
  const NodeLifecyclePlan plan = plan_lifecycle(node(), kNow - 50s, kNow);
  ASSERT_TRUE(plan.status);
  for (const api::NodeCondition& condition : plan.status->conditions) {
    EXPECT_EQ(condition.status, "Unknown") << condition.type;
    EXPECT_EQ(condition.reason, "NodeStatusUnknown");
    EXPECT_EQ(condition.message, "Kubelet stopped posting node status.");
    EXPECT_EQ(condition.lastTransitionTime, api::Time(kNow));
    EXPECT_EQ(condition.lastHeartbeatTime, api::Time(kNow - 60s));
  }
  EXPECT_THAT(taints_of(plan), UnorderedElementsAre("node.kubernetes.io/unreachable:NoSchedule",
                                                    "node.kubernetes.io/unreachable:NoExecute"));
  // Once written there is nothing more to do.
  api::Node written = node();
  written.status = *plan.status;
  written.spec.taints = *plan.taints;
  const NodeLifecyclePlan next = plan_lifecycle(written, kNow - 50s, kNow + 10s);
  EXPECT_FALSE(next.status);
  EXPECT_FALSE(next.taints);
}

TEST(NodeLifecyclePlan, ItsGraceIsWhatTheFlagSays) {
  EXPECT_EQ(plan_lifecycle(node(), kNow - 7s, kNow, 8s).again_after, Duration(1s));
  EXPECT_TRUE(plan_lifecycle(node(), kNow - 8s, kNow, 8s).status);
}

TEST(NodeLifecyclePlan, ANodeThatNeverReportedIsUnknownToo) {
  api::Node fresh;
  fresh.metadata.name = "n1";
  EXPECT_THAT(taints_of(plan_lifecycle(fresh, kNow, kNow)),
              UnorderedElementsAre("node.kubernetes.io/not-ready:NoSchedule",
                                   "node.kubernetes.io/not-ready:NoExecute"));
  const NodeLifecyclePlan plan = plan_lifecycle(fresh, kNow - 50s, kNow);
  ASSERT_TRUE(plan.status);
  ASSERT_EQ(plan.status->conditions.size(), 4u);
  EXPECT_EQ(plan.status->conditions[0].reason, "NodeStatusNeverUpdated");
}

TEST(NodeLifecyclePlan, ConditionsBecomeTaints) {
  struct {
    const char* condition;
    const char* taint;
  } cases[] = {{"MemoryPressure", "node.kubernetes.io/memory-pressure:NoSchedule"},
               {"DiskPressure", "node.kubernetes.io/disk-pressure:NoSchedule"},
               {"PIDPressure", "node.kubernetes.io/pid-pressure:NoSchedule"},
               {"NetworkUnavailable", "node.kubernetes.io/network-unavailable:NoSchedule"}};
  for (const auto& c : cases) {
    api::Node pressed = node();
    std::erase_if(pressed.status.conditions,
                  [&](const auto& present) { return present.type == c.condition; });
    pressed.status.conditions.push_back(condition(c.condition, "True"));
    EXPECT_THAT(taints_of(plan_lifecycle(pressed, kNow, kNow)), ElementsAre(c.taint));
  }
  EXPECT_THAT(taints_of(plan_lifecycle(node("False"), kNow, kNow)),
              UnorderedElementsAre("node.kubernetes.io/not-ready:NoSchedule",
                                   "node.kubernetes.io/not-ready:NoExecute"));
  api::Node cordoned = node();
  cordoned.spec.unschedulable = true;
  EXPECT_THAT(taints_of(plan_lifecycle(cordoned, kNow, kNow)),
              ElementsAre("node.kubernetes.io/unschedulable:NoSchedule"));
}

TEST(NodeLifecyclePlan, KeepsTheUsersTaintsAndTheTimeOfItsOwn) {
  api::Node down = node("False");
  down.spec.taints = *plan_lifecycle(down, kNow, kNow).taints;
  api::Taint own;
  own.key = "dedicated";
  own.value = "db";
  own.effect = "NoSchedule";
  down.spec.taints.push_back(own);
  EXPECT_FALSE(plan_lifecycle(down, kNow + 10s, kNow + 10s).taints);
  down.status.conditions[0].status = "True";
  EXPECT_THAT(taints_of(plan_lifecycle(down, kNow, kNow)), ElementsAre("dedicated:NoSchedule"));
}

api::Toleration toleration(const char* key, const char* operator_, const char* value,
                           const char* effect, std::optional<int64_t> seconds) {
  api::Toleration toleration;
  toleration.key = key;
  toleration.operator_ = operator_;
  toleration.value = value;
  toleration.effect = effect;
  toleration.tolerationSeconds = seconds;
  return toleration;
}

TEST(EvictionTime, FollowsTheTolerations) {
  api::Taint unreachable;
  unreachable.key = "node.kubernetes.io/unreachable";
  unreachable.effect = "NoExecute";
  unreachable.timeAdded = api::Time(kNow - 100s);
  const char* key = "node.kubernetes.io/unreachable";
  struct {
    std::vector<api::Toleration> tolerations;
    std::optional<TimePoint> leave;
  } cases[] = {
      {{}, kNow - 100s},
      {{toleration(key, "Exists", "", "NoExecute", 300)}, kNow + 200s},
      {{toleration(key, "Exists", "", "", std::nullopt)}, std::nullopt},
      {{toleration(key, "Equal", "", "NoExecute", std::nullopt)}, std::nullopt},
      {{toleration("", "Exists", "", "", std::nullopt)}, std::nullopt},
      {{toleration(key, "Exists", "", "NoSchedule", std::nullopt)}, kNow - 100s},
      {{toleration("other", "Exists", "", "NoExecute", std::nullopt)}, kNow - 100s},
      {{toleration(key, "Exists", "", "NoExecute", -5)}, kNow - 100s},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    api::Pod pod;
    pod.spec.tolerations = cases[i].tolerations;
    EXPECT_EQ(eviction_time(pod, {unreachable}, kNow), cases[i].leave) << i;
  }
}

TEST(EvictionTime, TheFirstMatchingTolerationSpeaksForATaintAndTheShortestTimeCounts) {
  api::Taint taint;
  taint.key = "a";
  taint.effect = "NoExecute";
  taint.timeAdded = api::Time(kNow);
  api::Taint other = taint;
  other.key = "b";
  api::Pod pod;
  pod.spec.tolerations = {toleration("a", "Exists", "", "", 30),
                          toleration("a", "Exists", "", "", 600)};
  EXPECT_EQ(eviction_time(pod, {taint}, kNow), kNow + 30s);
  pod.spec.tolerations.push_back(toleration("", "Exists", "", "", std::nullopt));
  EXPECT_EQ(eviction_time(pod, {taint}, kNow), kNow + 30s);
  EXPECT_EQ(eviction_time(pod, {taint, other}, kNow), kNow + 30s);  // b is tolerated for ever
}

TEST(EvictionTime, OnlyExistsMayLeaveTheKeyOut) {
  api::Taint taint;
  taint.key = "node.kubernetes.io/unreachable";
  taint.effect = "NoExecute";
  api::Pod pod;
  pod.spec.tolerations = {toleration("", "Equal", "", "NoExecute", std::nullopt)};
  EXPECT_EQ(eviction_time(pod, {taint}, kNow), kNow);
}

TEST(EvictionTime, TheFirstOfSeveralTaintsCounts) {
  api::Taint first;
  first.key = "a";
  first.effect = "NoExecute";
  first.timeAdded = api::Time(kNow);
  api::Taint second = first;
  second.key = "b";
  api::Taint schedule_only = first;
  schedule_only.key = "c";
  schedule_only.effect = "NoSchedule";
  api::Pod pod;
  pod.spec.tolerations = {toleration("a", "Exists", "", "", 60),
                          toleration("b", "Exists", "", "", 20)};
  EXPECT_EQ(eviction_time(pod, {first, second, schedule_only}, kNow), kNow + 20s);
  EXPECT_EQ(eviction_time(pod, {schedule_only}, kNow), std::nullopt);
}

}  // namespace
}  // namespace skiff::controllers
