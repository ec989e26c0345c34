// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/core/event.h"
#include "controller/controllers/deployment_plan.h"
#include "tests/unit/controllers/cluster_fixture.h"

namespace skiff::controllers {
namespace {

using testing::SizeIs;

constexpr const char* kDeployments = "/apis/apps/v1/namespaces/default/deployments";
constexpr const char* kWeb = "/apis/apps/v1/namespaces/default/deployments/web";

class Workloads : public ClusterTest {
 protected:
  void create_web(int replicas) {
    const auto made = ask("POST", kDeployments,
                          fmt::format(R"({{
      "apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web"}},
      "spec":{{"replicas":{},"selector":{{"matchLabels":{{"app":"web"}}}},
        "template":{{"metadata":{{"labels":{{"app":"web"}}}},
          "spec":{{"containers":[{{"name":"main","image":"nginx:1"}}]}}}}}}}})",
                                      replicas));
    ASSERT_EQ(code, 201) << made;
  }
  void set_image(const char* image) {
    patch(
        kWeb, "strategic-merge-patch+json",
        fmt::format(
            R"({{"spec":{{"template":{{"spec":{{"containers":[{{"name":"main","image":"{}"}}]}}}}}}}})",
            image));
    ASSERT_EQ(code, 200);
  }
  void scale(int replicas) {
    patch(kWeb, "merge-patch+json", fmt::format(R"({{"spec":{{"replicas":{}}}}})", replicas));
    ASSERT_EQ(code, 200);
  }
  // The rollout of the present template has finished with `replicas` pods.
  bool complete(int32_t replicas) {
    return until([&] {
      make_pods_ready();
      const auto web = get<api::Deployment>("web");  // the store may not know of the last write
      return web && web->status.observedGeneration == web->metadata.generation &&
             web->status.replicas == replicas && web->status.updatedReplicas == replicas &&
             web->status.availableReplicas == replicas && pods().size() == size_t(replicas);
    });
  }
  std::string image_of_all() {
    std::string image;
    for (const auto& pod : pods()) {
      if (image.empty()) image = pod->spec.containers.at(0).image;
      if (image != pod->spec.containers.at(0).image) return "several";
    }
    return image;
  }
  void remove_web(const char* policy) {
    ask("DELETE", kWeb, fmt::format(R"({{"propagationPolicy":"{}"}})", policy));
    ASSERT_EQ(code, 200);
  }
  bool nothing_left() {
    return until([&] {
      return pods().empty() && stores_.replica_sets.size() == 0 && stores_.deployments.size() == 0;
    });
  }
};

TEST_F(Workloads, ADeploymentBecomesPodsThroughAReplicaSet) {
  create_web(3);
  ASSERT_TRUE(until([&] { return pods().size() == 3; }));
  settle();
  ASSERT_THAT(pods(), SizeIs(3));
  const auto sets = stores_.replica_sets.list("default");
  ASSERT_THAT(sets, SizeIs(1));
  EXPECT_EQ(controller_of(sets[0]->metadata)->name, "web");
  for (const auto& pod : pods()) {
    ASSERT_NE(controller_of(pod->metadata), nullptr);
    EXPECT_EQ(controller_of(pod->metadata)->uid, sets[0]->metadata.uid);
    EXPECT_TRUE(pod->metadata.name.starts_with(sets[0]->metadata.name + "-"));
  }
  EXPECT_EQ(get<api::Deployment>("web")->status.availableReplicas, 0);
  ASSERT_TRUE(complete(3));
  const auto web = get<api::Deployment>("web");
  EXPECT_EQ(web->metadata.annotations.at(kRevision), "1");
  for (const auto& condition : web->status.conditions)
    EXPECT_EQ(condition.status, "True") << condition.type << ": " << condition.message;
}

TEST_F(Workloads, EventsTellOfEachPod) {
  create_web(3);
  ASSERT_TRUE(until([&] { return pods().size() == 3; }));
  ASSERT_TRUE(until([&] {
    int created = 0;
    const auto sent = run(client_.list<api::Event>("default"));
    for (const auto& event : *sent) created += event.reason == "SuccessfulCreate";
    return created == 3;
  }));
}

TEST_F(Workloads, ANewTemplateReplacesAllPodsAndCanBeTakenBack) {
  create_web(3);
  ASSERT_TRUE(complete(3));
  set_image("nginx:2");
  ASSERT_TRUE(complete(3));
  EXPECT_EQ(image_of_all(), "nginx:2");
  EXPECT_EQ(get<api::Deployment>("web")->metadata.annotations.at(kRevision), "2");
  set_image("nginx:1");
  ASSERT_TRUE(complete(3));
  EXPECT_EQ(image_of_all(), "nginx:1");
  EXPECT_THAT(stores_.replica_sets.list("default"), SizeIs(2));
  EXPECT_EQ(get<api::Deployment>("web")->metadata.annotations.at(kRevision), "3");
}

TEST_F(Workloads, RecreateReplacesAllPods) {
  create_web(2);
  ASSERT_TRUE(complete(2));
  patch(kWeb, "merge-patch+json",
        R"({"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}})");
  ASSERT_EQ(code, 200);
  set_image("nginx:2");
  ASSERT_TRUE(complete(2));
  EXPECT_EQ(image_of_all(), "nginx:2");
}

TEST_F(Workloads, ScalesBothWays) {
  create_web(1);
  ASSERT_TRUE(complete(1));
  scale(5);
  ASSERT_TRUE(complete(5));
  scale(2);
  ASSERT_TRUE(complete(2));
  scale(0);
  ASSERT_TRUE(complete(0));
  EXPECT_THAT(stores_.replica_sets.list("default"), SizeIs(1));
}

TEST_F(Workloads, ALostPodIsReplaced) {
  create_web(2);
  ASSERT_TRUE(complete(2));
  const std::string lost = pods()[0]->metadata.name;
  ask("DELETE", "/api/v1/namespaces/default/pods/" + lost);
  ASSERT_TRUE(complete(2));
  EXPECT_FALSE(get<api::Pod>(lost));
}

TEST_F(Workloads, APodThatLosesItsLabelsIsReleasedAndReplaced) {
  create_web(1);
  ASSERT_TRUE(complete(1));
  const std::string name = pods()[0]->metadata.name;
  patch("/api/v1/namespaces/default/pods/" + name, "merge-patch+json",
        R"({"metadata":{"labels":{"app":"debug"}}})");
  ASSERT_TRUE(until([&] {
    const auto pod = stores_.pods.get({"default", name});
    return pod && pod->metadata.ownerReferences.empty() && pods().size() == 2;
  }));
  // And comes back: one of two is too many then.
  patch("/api/v1/namespaces/default/pods/" + name, "merge-patch+json",
        R"({"metadata":{"labels":{"app":"web"}}})");
  ASSERT_TRUE(until([&] { return pods().size() == 1; }));
}

TEST_F(Workloads, AReplicaSetThatLosesItsLabelsIsReleasedAndReplaced) {
  create_web(1);
  ASSERT_TRUE(complete(1));
  const std::string name = stores_.replica_sets.list("default")[0]->metadata.name;
  const std::string path = "/apis/apps/v1/namespaces/default/replicasets/" + name;
  patch(path, "merge-patch+json", R"({"metadata":{"labels":{"app":"debug"}}})");
  ASSERT_EQ(code, 200);
  ASSERT_TRUE(until([&] {
    const auto set = stores_.replica_sets.get({"default", name});
    return set && set->metadata.ownerReferences.empty() && stores_.replica_sets.size() == 2 &&
           pods().size() == 2;  // its own goes on
  }));
  // And comes back: as an old one, which is scaled down.
  patch(path, "merge-patch+json", R"({"metadata":{"labels":{"app":"web"}}})");
  ASSERT_EQ(code, 200);
  EXPECT_TRUE(until([&] {
    make_pods_ready();
    const auto set = stores_.replica_sets.get({"default", name});
    return set && controller_of(set->metadata) != nullptr && pods().size() == 1;
  }));
}

TEST_F(Workloads, DeletionInTheBackgroundTakesAll) {
  create_web(2);
  ASSERT_TRUE(complete(2));
  remove_web("Background");
  EXPECT_FALSE(get<api::Deployment>("web"));
  EXPECT_TRUE(nothing_left());
}

TEST_F(Workloads, DeletionInTheForegroundTakesThePodsFirst) {
  create_web(2);
  ASSERT_TRUE(complete(2));
  // A pod that takes its time.
  const std::string slow = pods()[0]->metadata.name;
  patch("/api/v1/namespaces/default/pods/" + slow, "merge-patch+json",
        R"({"metadata":{"finalizers":["example.com/slow"]}})");
  remove_web("Foreground");
  ASSERT_TRUE(until([&] { return pods().size() == 1; }));
  settle();
  EXPECT_TRUE(get<api::Deployment>("web"));
  EXPECT_THAT(stores_.replica_sets.list("default"), SizeIs(1));
  patch("/api/v1/namespaces/default/pods/" + slow, "merge-patch+json",
        R"({"metadata":{"finalizers":null}})");
  EXPECT_TRUE(nothing_left());
}

TEST_F(Workloads, AForegroundDeletionEndsWhenItsLastDependentIsCutOff) {
  ask("POST", "/api/v1/namespaces/default/configmaps", apiserver::config_json("owner", "1"));
  const auto owner = get<api::ConfigMap>("owner");
  ask("POST", "/api/v1/namespaces/default/configmaps",
      apiserver::config_json(
          "dependent", "1",
          fmt::format(
              R"(,"finalizers":["example.com/x"],"ownerReferences":[{{"apiVersion":"v1",)"
              R"("kind":"ConfigMap","name":"owner","uid":"{}","blockOwnerDeletion":true}}])",
              owner->metadata.uid)));
  ASSERT_EQ(code, 201);
  settle();
  ask("DELETE", "/api/v1/namespaces/default/configmaps/owner",
      R"({"propagationPolicy":"Foreground"})");
  ASSERT_TRUE(until([&] {
    const auto dependent = get<api::ConfigMap>("dependent");
    return dependent && dependent->metadata.deletionTimestamp;
  }));
  EXPECT_TRUE(get<api::ConfigMap>("owner"));
  patch("/api/v1/namespaces/default/configmaps/dependent", "merge-patch+json",
        R"({"metadata":{"ownerReferences":null}})");
  EXPECT_TRUE(until([&] { return !get<api::ConfigMap>("owner"); }));
}

TEST_F(Workloads, OrphaningLeavesTheReplicaSetAndItsPods) {
  create_web(2);
  ASSERT_TRUE(complete(2));
  remove_web("Orphan");
  ASSERT_TRUE(until([&] { return !get<api::Deployment>("web"); }));
  ASSERT_TRUE(until([&] {
    const auto sets = stores_.replica_sets.list("default");
    return sets.size() == 1 && sets[0]->metadata.ownerReferences.empty();
  }));
  settle();
  EXPECT_THAT(pods(), SizeIs(2));
  // A deployment of the same selector takes it over.
  create_web(2);
  ASSERT_TRUE(until([&] {
    const auto sets = stores_.replica_sets.list("default");
    return sets.size() == 1 && !sets[0]->metadata.ownerReferences.empty();
  }));
  EXPECT_THAT(pods(), SizeIs(2));
}

}  // namespace
}  // namespace skiff::controllers
