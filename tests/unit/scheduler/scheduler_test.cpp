// SPDX-License-Identifier: Apache-2.0
// The scheduler on an API server over a store in memory.
#include "controller/scheduler/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/core/event.h"
#include "kube/reflector.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::scheduler {
namespace {

using namespace std::chrono_literals;
using apiserver::pod_json;

constexpr const char* kPods = "/api/v1/namespaces/default/pods";

class SchedulerTest : public apiserver::ApiTest {
 protected:
  SchedulerTest()
      : transport_(std::make_shared<apiserver::LocalTransport>(
            loop_.get_executor(), *server_, apiserver::system_user("system:kube-scheduler"))),
        pods_(loop_.get_executor()),
        nodes_(loop_.get_executor()),
        events_(loop_.get_executor(), kube::Client(transport_), {"default-scheduler", ""}, clock_),
        scheduler_(loop_.get_executor(), {}, kube::Client(transport_), pods_, nodes_, events_,
                   clock_) {
    kube::start_reflector(loop_.get_executor(), transport_, pods_);
    kube::start_reflector(loop_.get_executor(), transport_, nodes_);
    scheduler_.start();
  }

  void add_node(const std::string& name) {
    ask("POST", "/api/v1/nodes",
        fmt::format(R"({{"metadata":{{"name":"{0}","labels":{{"kubernetes.io/hostname":"{0}"}}}},)"
                    R"("status":{{"allocatable":{{"cpu":"4","memory":"8Gi","pods":"110"}}}}}})",
                    name));
    ASSERT_EQ(code, 201);
    patch("/api/v1/nodes/" + name + "/status", "merge-patch+json",
          R"({"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"}}})");
    ASSERT_EQ(code, 200);
  }
  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_.run_one_for(100ms);
    }
    return true;
  }
  std::string node_of(const std::string& pod) const {
    const auto present = pods_.get({"default", pod});
    return present ? present->spec.nodeName : "";
  }
  std::string scheduled_message(const std::string& pod) const {
    const auto present = pods_.get({"default", pod});
    if (present)
      for (const auto& condition : present->status.conditions)
        if (condition.type == "PodScheduled" && condition.status == "False")
          return condition.message;
    return "";
  }

  std::shared_ptr<kube::Transport> transport_;
  kube::Store<api::Pod> pods_;
  kube::Store<api::Node> nodes_;
  kube::EventRecorder events_;
  Scheduler scheduler_;
};

TEST_F(SchedulerTest, BindsPodsEvenly) {
  add_node("n1");
  add_node("n2");
  for (int i = 0; i < 6; ++i)
    ask("POST", kPods, pod_json(fmt::format("p{}", i), R"(,"labels":{"app":"web"})"));
  std::map<std::string, int> count;
  ASSERT_TRUE(until([&] {
    count.clear();
    for (const auto& pod : pods_.list())
      if (!pod->spec.nodeName.empty()) ++count[pod->spec.nodeName];
    return count["n1"] + count["n2"] == 6;
  }));
  EXPECT_EQ(count["n1"], 3);
}

TEST_F(SchedulerTest, TellsWhyAPodWaitsAndBindsItWhenANodeComes) {
  ask("POST", kPods, pod_json("p"));
  ASSERT_TRUE(until([&] { return !scheduled_message("p").empty(); }));
  EXPECT_EQ(scheduled_message("p"), "no nodes available to schedule pods");
  bool told = false;
  ASSERT_TRUE(until([&] {
    const auto sent = run(kube::Client(transport_).list<api::Event>("default"));
    for (const auto& event : *sent)
      told |= event.reason == "FailedScheduling" && event.type == "Warning";
    return told;
  }));
  clock_.advance(2s);  // its back-off
  add_node("n1");
  EXPECT_TRUE(until([&] { return node_of("p") == "n1"; }));
}

TEST_F(SchedulerTest, LeavesOtherSchedulersPodsAndGatedPodsAlone) {
  add_node("n1");
  ask("POST", kPods, pod_json("other", "", R"(,"schedulerName":"mine")"));
  ask("POST", kPods, pod_json("gated", "", R"(,"schedulingGates":[{"name":"wait"}])"));
  ask("POST", kPods, pod_json("plain"));
  ASSERT_TRUE(until([&] { return node_of("plain") == "n1"; }));
  ASSERT_TRUE(until([&] { return !scheduled_message("gated").empty(); }));
  EXPECT_EQ(node_of("other"), "");
  EXPECT_EQ(node_of("gated"), "");
  patch(std::string(kPods) + "/gated", "merge-patch+json", R"({"spec":{"schedulingGates":null}})");
  ASSERT_EQ(code, 200);
  EXPECT_TRUE(until([&] { return node_of("gated") == "n1"; }));
}

TEST_F(SchedulerTest, APodThatLeavesMakesRoom) {
  add_node("n1");
  const std::string big =
      R"({"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"3"}}}]}})";
  const auto named = [&](const char* name) {
    std::string text = big;
    return text.replace(text.find("NAME"), 4, name);
  };
  ask("POST", kPods, named("first"));
  ASSERT_TRUE(until([&] { return node_of("first") == "n1"; }));
  ask("POST", kPods, named("second"));
  ASSERT_TRUE(until([&] { return !scheduled_message("second").empty(); }));
  EXPECT_EQ(
      scheduled_message("second"),
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No "
      "preemption victims found for incoming pod.");
  clock_.advance(2s);
  ask("DELETE", std::string(kPods) + "/first?gracePeriodSeconds=0");
  EXPECT_TRUE(until([&] { return node_of("second") == "n1"; }));
}

// A node that was lost and came back had its place for pods, and nobody was told.
TEST_F(SchedulerTest, ATaintThatGoesMakesRoom) {
  add_node("n1");
  patch("/api/v1/nodes/n1", "merge-patch+json",
        R"({"spec":{"taints":[{"key":"node.kubernetes.io/unreachable","effect":"NoSchedule"}]}})");
  ASSERT_EQ(code, 200);
  ASSERT_TRUE(until([&] { return nodes_.get({"", "n1"})->spec.taints.size() == 1; }));
  ask("POST", kPods, pod_json("p"));
  ASSERT_TRUE(until([&] { return !scheduled_message("p").empty(); }));
  clock_.advance(2s);
  patch("/api/v1/nodes/n1", "merge-patch+json", R"({"spec":{"taints":null}})");
  ASSERT_EQ(code, 200);
  EXPECT_TRUE(until([&] { return node_of("p") == "n1"; }));
}

TEST_F(SchedulerTest, APodThatComesMakesRoomForThoseThatSpreadOverItsNode) {
  add_node("n1");
  add_node("n2");
  patch("/api/v1/nodes/n2", "merge-patch+json", R"({"spec":{"unschedulable":true}})");
  ASSERT_TRUE(until([&] { return nodes_.list().size() == 2; }));
  ASSERT_TRUE(until([&] { return nodes_.get({"", "n2"})->spec.unschedulable; }));
  const std::string web = R"(,"labels":{"app":"web"})";
  const std::string spread =
      R"(,"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname",)"
      R"("whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}}}])";
  ask("POST", kPods, pod_json("first", web, spread));
  ASSERT_TRUE(until([&] { return node_of("first") == "n1"; }));
  ask("POST", kPods, pod_json("second", web, spread));
  ASSERT_TRUE(until([&] { return !scheduled_message("second").empty(); }));
  clock_.advance(2s);
  ask("POST", kPods, pod_json("pinned", web, R"(,"nodeName":"n2")"));
  ASSERT_EQ(code, 201);
  EXPECT_TRUE(until([&] { return node_of("second") == "n1"; }));
}

}  // namespace
}  // namespace skiff::scheduler
