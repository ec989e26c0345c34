// SPDX-License-Identifier: Apache-2.0
// Controllers of services, namespaces and nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/controllers/pod_gc.h"
#include "tests/unit/controllers/cluster_fixture.h"

namespace skiff::controllers {
namespace {

using apiserver::pod_json;
using testing::ElementsAre;
using testing::IsEmpty;

using Cluster = ClusterTest;

constexpr const char* kPods = "/api/v1/namespaces/default/pods";

std::vector<std::string> ready_addresses(const Stores& stores) {
  std::vector<std::string> addresses;
  for (const auto& slice : stores.endpoint_slices.list("default"))
    for (const api::Endpoint& endpoint : slice->endpoints)
      if (endpoint.conditions.ready.value_or(false)) addresses.push_back(endpoint.addresses[0]);
  return addresses;
}

TEST_F(Cluster, EndpointsFollowReadiness) {
  ask("POST", "/api/v1/namespaces/default/services",
      R"({"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}})");
  ASSERT_EQ(code, 201);
  ask("POST", kPods, pod_json("p", R"(,"labels":{"app":"web"})"));
  ASSERT_TRUE(until([&] { return pods().size() == 1 && stores_.endpoint_slices.size() == 1; }));
  EXPECT_THAT(ready_addresses(stores_), IsEmpty());

  set_ready(*pods()[0], true);
  ASSERT_TRUE(until([&] { return ready_addresses(stores_).size() == 1; }));
  EXPECT_THAT(ready_addresses(stores_), ElementsAre(pods()[0]->status.podIP));
  ASSERT_TRUE(until([&] {
    const auto endpoints = stores_.endpoints.get({"default", "web"});
    return endpoints && endpoints->subsets.size() == 1 &&
           endpoints->subsets[0].addresses.size() == 1;
  }));

  set_ready(*pods()[0], false);
  ASSERT_TRUE(until([&] {
    const auto endpoints = stores_.endpoints.get({"default", "web"});
    return ready_addresses(stores_).empty() && endpoints->subsets.size() == 1 &&
           endpoints->subsets[0].notReadyAddresses.size() == 1;
  }));

  ask("DELETE", "/api/v1/namespaces/default/services/web");
  EXPECT_TRUE(until([&] {
    return stores_.endpoint_slices.size() == 0 && !stores_.endpoints.get({"default", "web"});
  }));
}

TEST_F(Cluster, SlicesFollowTheZoneOfANode) {
  ask("POST", "/api/v1/nodes", R"({"metadata":{"name":"n1"}})");
  ask("POST", "/api/v1/namespaces/default/services",
      R"({"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}})");
  ask("POST", kPods, pod_json("p", R"(,"labels":{"app":"web"})", R"(,"nodeName":"n1")"));
  ASSERT_TRUE(until([&] { return pods().size() == 1; }));
  set_ready(*pods()[0], true);
  const auto zone = [&] {
    const auto slices = stores_.endpoint_slices.list("default");
    if (slices.empty() || slices[0]->endpoints.empty()) return std::string("no endpoint");
    return slices[0]->endpoints[0].zone.value_or("none");
  };
  ASSERT_TRUE(until([&] { return zone() == "none"; })) << zone();
  for (const char* to : {"east", "west"}) {
    patch("/api/v1/nodes/n1", "merge-patch+json",
          fmt::format(R"({{"metadata":{{"labels":{{"topology.kubernetes.io/zone":"{}"}}}}}})", to));
    EXPECT_TRUE(until([&] { return zone() == to; })) << zone();
  }
  patch("/api/v1/nodes/n1", "merge-patch+json",
        R"({"metadata":{"labels":{"topology.kubernetes.io/zone":null}}})");
  EXPECT_TRUE(until([&] { return zone() == "none"; })) << zone();
}

TEST_F(Cluster, DeletedEndpointsAndSlicesComeBack) {
  ask("POST", "/api/v1/namespaces/default/services",
      R"({"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}})");
  ASSERT_TRUE(until([&] {
    return stores_.endpoint_slices.size() == 1 && stores_.endpoints.get({"default", "web"});
  }));
  const std::string slice = stores_.endpoint_slices.list()[0]->metadata.name;
  const std::string uid = stores_.endpoints.get({"default", "web"})->metadata.uid;
  ask("DELETE", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/" + slice);
  ask("DELETE", "/api/v1/namespaces/default/endpoints/web");
  EXPECT_TRUE(until([&] {
    const auto endpoints = stores_.endpoints.get({"default", "web"});
    return stores_.endpoint_slices.size() == 1 &&
           stores_.endpoint_slices.list()[0]->metadata.name != slice && endpoints &&
           endpoints->metadata.uid != uid;
  }));
}

TEST_F(Cluster, EveryNamespaceHasItsAccountAndTheRootCa) {
  const kube::ObjectKey config{"shop", "kube-root-ca.crt"};
  call("POST", "/api/v1/namespaces", R"({"metadata":{"name":"shop"}})");
  ASSERT_TRUE(until([&] {
    return stores_.service_accounts.get({"shop", "default"}) && stores_.config_maps.get(config);
  }));
  EXPECT_EQ(stores_.config_maps.get(config)->data.at("ca.crt"), kRootCa);

  const std::string uid = stores_.service_accounts.get({"shop", "default"})->metadata.uid;
  const std::string config_uid = stores_.config_maps.get(config)->metadata.uid;
  ask("DELETE", "/api/v1/namespaces/shop/serviceaccounts/default");
  ask("DELETE", "/api/v1/namespaces/shop/configmaps/kube-root-ca.crt");
  EXPECT_TRUE(until([&] {
    const auto account = stores_.service_accounts.get({"shop", "default"});
    const auto root_ca = stores_.config_maps.get(config);
    return account && account->metadata.uid != uid && root_ca &&
           root_ca->metadata.uid != config_uid;
  }));

  patch("/api/v1/namespaces/shop/configmaps/kube-root-ca.crt", "merge-patch+json",
        R"({"data":{"ca.crt":"mine"}})");
  ASSERT_EQ(code, 200);
  EXPECT_TRUE(until([&] {
    const auto present = get<api::ConfigMap>("kube-root-ca.crt", "shop");
    return present && present->data.at("ca.crt") == kRootCa;
  }));
}

TEST_F(Cluster, ADeletedNamespaceIsEmptiedPodsFirst) {
  create_namespace("shop");
  ask("POST", "/api/v1/namespaces/shop/configmaps", apiserver::config_json("c", "1"));
  ask("POST", "/api/v1/namespaces/shop/pods",
      pod_json("p", R"(,"finalizers":["example.com/slow"])"));
  ASSERT_EQ(code, 201);
  ask("DELETE", "/api/v1/namespaces/shop");
  ASSERT_TRUE(until([&] {
    const auto ns = get<api::Namespace>("shop");
    return ns && !ns->status.conditions.empty();
  }));
  const auto ns = get<api::Namespace>("shop");
  EXPECT_EQ(ns->status.phase, "Terminating");
  bool told = false;
  for (const auto& condition : ns->status.conditions)
    told |= condition.message == "Some resources are remaining: pods. has 1 resource instances";
  EXPECT_TRUE(told);
  EXPECT_TRUE(get<api::ConfigMap>("c", "shop"));  // what pods may use outlives them

  patch("/api/v1/namespaces/shop/pods/p", "merge-patch+json",
        R"({"metadata":{"finalizers":null}})");
  EXPECT_TRUE(until([&] { return !get<api::Namespace>("shop"); }));
  EXPECT_FALSE(get<api::ConfigMap>("c", "shop"));
  settle();
  EXPECT_FALSE(stores_.service_accounts.get({"shop", "default"}));
}

TEST_F(Cluster, NodesGetDifferentRanges) {
  for (const char* name : {"n1", "n2", "n3"})
    ask("POST", "/api/v1/nodes", fmt::format(R"({{"metadata":{{"name":"{}"}}}})", name));
  std::set<std::string> ranges;
  ASSERT_TRUE(until([&] {
    ranges.clear();
    for (const auto& node : stores_.nodes.list())
      if (!node->spec.podCIDR.empty()) ranges.insert(node->spec.podCIDR);
    return ranges.size() == 3;
  }));
  EXPECT_EQ(ranges, (std::set<std::string>{"10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"}));
}

TEST_F(Cluster, ASilentNodeIsTaintedAndItsPodsAreNotReady) {
  ask("POST", "/api/v1/nodes", R"({"metadata":{"name":"n1"}})");
  patch("/api/v1/nodes/n1/status", "merge-patch+json",
        R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  ASSERT_EQ(code, 200);
  ask("POST", kPods, pod_json("p", "", R"(,"nodeName":"n1")"));
  ASSERT_TRUE(until([&] { return pods().size() == 1 && stores_.nodes.size() == 1; }));
  set_ready(*pods()[0], true);
  settle();
  clock_.advance(60s);
  patch("/api/v1/nodes/n1", "merge-patch+json", R"({"metadata":{"labels":{"look":"again"}}})");
  ASSERT_TRUE(until([&] {
    const auto node = stores_.nodes.get({"", "n1"});
    return node->spec.taints.size() == 2 && node->status.conditions.at(0).status == "Unknown";
  }));
  EXPECT_TRUE(until([&] {
    for (const auto& pod : pods())
      for (const auto& condition : pod->status.conditions)
        if (condition.type == "Ready" && condition.status == "True") return false;
    return true;
  }));
}

TEST_F(Cluster, APodOfANodeThatIsGoneIsFailedAndRemoved) {
  ask("POST", kPods,
      pod_json("p", R"(,"finalizers":["example.com/look"])", R"(,"nodeName":"gone")"));
  ASSERT_TRUE(until([&] { return pods().size() == 1; }));
  PodGcReconciler reconciler(client_, stores_, clock_);
  ASSERT_TRUE(run(reconciler.reconcile({"default", "p"})).ok());
  const auto pod = get<api::Pod>("p");
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->status.phase, "Failed");
  EXPECT_TRUE(pod->metadata.deletionTimestamp);
  EXPECT_EQ(pod->status.conditions.back().reason, "DeletionByPodGC");
}

}  // namespace
}  // namespace skiff::controllers
