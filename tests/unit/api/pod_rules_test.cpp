// SPDX-License-Identifier: Apache-2.0
// What pods mean to the API server, the scheduler and the kubelet alike.
#include <gtest/gtest.h>

#include "api/core/qos.h"
#include "api/core/taints.h"
#include "tests/builders/pod_builder.h"

namespace skiff::api {
namespace {

TEST(Qos, FollowsRequestsAndLimits) {
  EXPECT_EQ(qos_class(PodBuilder("a").container("m").build()), QosClass::BestEffort);
  EXPECT_EQ(qos_class(PodBuilder("a").container("m").request("cpu", "0").build()),
            QosClass::BestEffort);
  EXPECT_EQ(qos_class(PodBuilder("a").container("m").request("example.com/gpu", "1").build()),
            QosClass::BestEffort);
  EXPECT_EQ(qos_class(PodBuilder("a").container("m").request("cpu", "1").build()),
            QosClass::Burstable);
  EXPECT_EQ(
      qos_class(PodBuilder("a").container("m").limit("cpu", "1").limit("memory", "1Gi").build()),
      QosClass::Guaranteed);
  EXPECT_EQ(qos_class(PodBuilder("a")
                          .container("m")
                          .limit("cpu", "1")
                          .limit("memory", "1Gi")
                          .request("memory", "1Mi")
                          .build()),
            QosClass::Burstable);
  EXPECT_EQ(qos_class(PodBuilder("a")
                          .container("m")
                          .limit("cpu", "1")
                          .limit("memory", "1Gi")
                          .init("i")
                          .build()),
            QosClass::Burstable);
}

TEST(Tolerations, MatchByKeyValueAndEffect) {
  const struct {
    Toleration toleration;
    Taint taint;
    bool bears;
  } cases[] = {
      {{.key = "a", .operator_ = "Exists"}, {.key = "a", .effect = "NoSchedule"}, true},
      {{.key = "a", .operator_ = "Exists"}, {.key = "b", .effect = "NoSchedule"}, false},
      {{.key = "a", .operator_ = "Equal", .value = "1"},
       {.key = "a", .value = "1", .effect = "NoExecute"},
       true},
      {{.key = "a", .value = "1"}, {.key = "a", .value = "1", .effect = "NoExecute"}, true},
      {{.key = "a", .value = "1"}, {.key = "a", .value = "2", .effect = "NoExecute"}, false},
      {{.key = "a", .operator_ = "Exists", .effect = "NoExecute"},
       {.key = "a", .effect = "NoSchedule"},
       false},
      {{.operator_ = "Exists"}, {.key = "a", .value = "1", .effect = "NoSchedule"}, true},
      {{.operator_ = "Equal"}, {.key = "", .effect = "NoSchedule"}, false},
  };
  for (const auto& [toleration, taint, bears] : cases) {
    EXPECT_EQ(tolerates(toleration, taint), bears) << toleration.key << " " << taint.key;
    EXPECT_EQ(tolerated({{.key = "other", .operator_ = "Exists"}, toleration}, taint), bears);
  }
  EXPECT_FALSE(tolerated({}, {.key = "a", .effect = "NoSchedule"}));
}

}  // namespace
}  // namespace skiff::api
