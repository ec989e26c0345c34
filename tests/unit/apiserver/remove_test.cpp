// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kPods = "/api/v1/namespaces/default/pods";

class Remove : public ApiTest {
 protected:
  // A pod on a node, so that grace counts.
  std::string running_pod(const std::string& name) {
    ask("POST", kPods, pod_json(name, "", R"(,"nodeName":"n1")"));
    EXPECT_EQ(code, 201);
    return std::string(kPods) + "/" + name;
  }
};

TEST_F(Remove, AtOnceAnswersStatus) {
  const auto made = ask("POST", kMaps, config_json("a", "1"));
  const auto gone = ask("DELETE", std::string(kMaps) + "/a");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(gone, "status"), "Success");
  EXPECT_EQ(at(gone, "details.kind"), "configmaps");
  EXPECT_EQ(at(gone, "details.uid"), at(made, "metadata.uid"));
  ask("GET", std::string(kMaps) + "/a");
  EXPECT_EQ(code, 404);
  ask("DELETE", std::string(kMaps) + "/a");
  EXPECT_EQ(code, 404);
}

TEST_F(Remove, OfAPodGivesItGrace) {
  const std::string pod = running_pod("p");
  const auto begun = ask("DELETE", pod);
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(begun, "kind"), "Pod");
  EXPECT_EQ(at(begun, "metadata.deletionGracePeriodSeconds"), "30");
  EXPECT_EQ(at(begun, "metadata.deletionTimestamp"), "2023-11-14T22:13:50Z");
  EXPECT_EQ(at(begun, "metadata.generation"), "2");
  const auto longer = ask("DELETE", pod + "?gracePeriodSeconds=60");
  EXPECT_EQ(at(longer, "metadata.deletionGracePeriodSeconds"), "30");
  const auto shorter = ask("DELETE", pod, R"({"gracePeriodSeconds":5})");
  EXPECT_EQ(at(shorter, "metadata.deletionGracePeriodSeconds"), "5");
  EXPECT_EQ(at(shorter, "metadata.deletionTimestamp"), "2023-11-14T22:13:25Z");
  const auto gone = ask("DELETE", pod + "?gracePeriodSeconds=0");
  EXPECT_EQ(at(gone, "metadata.name"), "p");  // some kinds answer with the object, not a Status
  ask("GET", pod);
  EXPECT_EQ(code, 404);
}

TEST_F(Remove, OfAnUnscheduledPodIsAtOnce) {
  ask("POST", kPods, pod_json("p"));
  const auto gone = ask("DELETE", std::string(kPods) + "/p");
  EXPECT_EQ(at(gone, "kind"), "Pod");
  ask("GET", std::string(kPods) + "/p");
  EXPECT_EQ(code, 404);
}

TEST_F(Remove, WaitsForFinalizers) {
  ask("POST", kMaps, config_json("a", "1", R"(,"finalizers":["example.com/x"])"));
  const std::string map = std::string(kMaps) + "/a";
  const auto begun = ask("DELETE", map);
  EXPECT_EQ(code, 200);
  EXPECT_NE(at(begun, "metadata.deletionTimestamp"), "");
  const auto more = patch(map, "merge-patch+json",
                          R"({"metadata":{"finalizers":["example.com/x","example.com/y"]}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(more, "details.causes.0.field"), "metadata.finalizers");
  patch(map, "merge-patch+json", R"({"metadata":{"finalizers":null}})");
  EXPECT_EQ(code, 200);
  ask("GET", map);
  EXPECT_EQ(code, 404);
}

TEST_F(Remove, TurnsPropagationIntoFinalizers) {
  struct Case {
    const char* policy;
    const char* finalizer;
  };
  for (const Case& one : {Case{"Foreground", "foregroundDeletion"}, Case{"Orphan", "orphan"}}) {
    ask("POST", kMaps, config_json("a", "1"));
    const std::string map = std::string(kMaps) + "/a";
    const auto begun =
        ask("DELETE", map, std::string(R"({"propagationPolicy":")") + one.policy + R"("})");
    EXPECT_EQ(at(begun, "metadata.finalizers.0"), one.finalizer);
    const auto gone = ask("DELETE", map + "?propagationPolicy=Background");
    EXPECT_EQ(at(gone, "status"), "Success");
  }
  ask("POST", kMaps, config_json("a", "1"));
  ask("DELETE", std::string(kMaps) + "/a?propagationPolicy=Sideways");
  EXPECT_EQ(code, 422);
}

TEST_F(Remove, ChecksPreconditions) {
  ask("POST", kMaps, config_json("a", "1"));
  const std::string map = std::string(kMaps) + "/a";
  ask("DELETE", map, R"({"preconditions":{"uid":"other"}})");
  EXPECT_EQ(code, 409);
  ask("DELETE", map, R"({"preconditions":{"resourceVersion":"1"}})");
  EXPECT_EQ(code, 409);
  ask("DELETE", map, R"({"dryRun":["All"]})");
  EXPECT_EQ(code, 200);
  ask("GET", map);
  EXPECT_EQ(code, 200);
}

TEST_F(Remove, OfACollectionTakesWhatIsSelected) {
  for (const char* name : {"a", "b", "c"})
    ask("POST", kMaps,
        config_json(name, "1",
                    std::string(R"(,"labels":{"keep":")") + (*name == 'b' ? "yes" : "no") + "\"}"));
  const auto removed = ask("DELETE", std::string(kMaps) + "?labelSelector=keep%3Dno");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(names(removed), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(names(ask("GET", kMaps)), (std::vector<std::string>{"b"}));
}

TEST_F(Remove, OfANamespaceWaitsForItsFinalizer) {
  create_namespace("going");
  const auto begun = ask("DELETE", "/api/v1/namespaces/going");
  EXPECT_EQ(at(begun, "status.phase"), "Terminating");
  EXPECT_EQ(at(begun, "spec.finalizers.0"), "kubernetes");
  const auto kept =
      patch("/api/v1/namespaces/going", "merge-patch+json", R"({"spec":{"finalizers":null}})");
  EXPECT_EQ(at(kept, "spec.finalizers.0"), "kubernetes");
  ask("PUT", "/api/v1/namespaces/going/finalize",
      R"({"metadata":{"name":"going"},"spec":{"finalizers":[]}})");
  EXPECT_EQ(code, 200);
  ask("GET", "/api/v1/namespaces/going");
  EXPECT_EQ(code, 404);
}

TEST_F(Remove, NeverTakesTheDefaultNamespace) {
  const auto refused = ask("DELETE", "/api/v1/namespaces/default");
  EXPECT_EQ(code, 403);
  EXPECT_EQ(at(refused, "message"),
            "namespaces \"default\" is forbidden: this namespace may not be deleted");
}

}  // namespace
}  // namespace skiff::apiserver
