// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/endpoint_slice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/controllers/endpoints.h"
#include "tests/unit/controllers/builders.h"

namespace skiff::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

api::Service service(api::IntOrString target = 8080) {
  api::Service service;
  service.metadata.namespace_ = "default";
  service.metadata.name = "web";
  service.metadata.uid = "service-uid";
  service.metadata.labels["team"] = "a";
  service.spec.clusterIP = "10.96.0.20";
  service.spec.type = "ClusterIP";
  service.spec.selector["app"] = "web";
  service.spec.ipFamilies = {"IPv4"};
  api::ServicePort& port = service.spec.ports.emplace_back();
  port.name = "http";
  port.protocol = "TCP";
  port.port = 80;
  port.targetPort = std::move(target);
  return service;
}

template <class Change>
PodPtr backend(int number, Change change) {
  return owned_pod(fmt::format("p{:03}", number), [&](api::Pod& pod) {
    pod.status.podIP = fmt::format("10.244.{}.{}", number / 200, number % 200 + 2);
    pod.status.podIPs.push_back({.ip = pod.status.podIP});
    change(pod);
  });
}
PodPtr backend(int number) {
  return backend(number, [](api::Pod&) {});
}
std::vector<PodPtr> backends(int count) {
  std::vector<PodPtr> pods;
  for (int i = 0; i < count; ++i) pods.push_back(backend(i));
  return pods;
}

std::shared_ptr<const api::Node> node_in_zone(const std::string& name) {
  api::Node node;
  node.metadata.name = name;
  node.metadata.labels["topology.kubernetes.io/zone"] = "zone-of-" + name;
  return share(node);
}

EndpointSlicePlan plan_for(const api::Service& service, const std::vector<PodPtr>& pods,
                           const std::vector<SlicePtr>& slices = {}) {
  return plan_slices(service, pods, slices, node_in_zone);
}

// What a plan without slices creates, as if stored.
std::vector<SlicePtr> stored(EndpointSlicePlan plan) {
  std::vector<SlicePtr> slices;
  for (api::EndpointSlice& slice : plan.create) {
    slice.metadata.name = fmt::format("web-{}", slices.size());
    slices.push_back(share(slice));
  }
  return slices;
}

bool is_empty(const EndpointSlicePlan& plan) {
  return plan.create.empty() && plan.update.empty() && plan.remove.empty();
}

TEST(EndpointSlicePlan, NamesThePodItsNodeAndItsZone) {
  const EndpointSlicePlan plan = plan_for(service(), {backend(1)});
  ASSERT_THAT(plan.create, SizeIs(1));
  const api::EndpointSlice& slice = plan.create[0];
  EXPECT_EQ(slice.metadata.generateName, "web-");
  EXPECT_EQ(slice.metadata.labels.at("kubernetes.io/service-name"), "web");
  EXPECT_EQ(slice.metadata.labels.at("endpointslice.kubernetes.io/managed-by"),
            "endpointslice-controller.k8s.io");
  EXPECT_EQ(slice.metadata.labels.at("team"), "a");
  EXPECT_FALSE(slice.metadata.labels.contains("service.kubernetes.io/headless"));
  EXPECT_TRUE(is_controlled_by(slice.metadata, "service-uid"));
  EXPECT_EQ(slice.addressType, "IPv4");
  ASSERT_THAT(slice.ports, SizeIs(1));
  EXPECT_EQ(slice.ports[0].name, "http");
  EXPECT_EQ(slice.ports[0].port, 8080);
  ASSERT_THAT(slice.endpoints, SizeIs(1));
  const api::Endpoint& endpoint = slice.endpoints[0];
  EXPECT_THAT(endpoint.addresses, ElementsAre("10.244.0.3"));
  EXPECT_EQ(endpoint.nodeName, "node-1");
  EXPECT_EQ(endpoint.zone, "zone-of-node-1");
  EXPECT_EQ(endpoint.targetRef->name, "p001");
  EXPECT_EQ(endpoint.conditions.ready, true);
  EXPECT_EQ(endpoint.conditions.serving, true);
  EXPECT_EQ(endpoint.conditions.terminating, false);
}

TEST(EndpointSlicePlan, FillsSlicesOfAHundred) {
  const EndpointSlicePlan plan = plan_for(service(), backends(250));
  std::vector<size_t> sizes;
  for (const auto& slice : plan.create) sizes.push_back(slice.endpoints.size());
  EXPECT_THAT(sizes, ElementsAre(100, 100, 50));
}

TEST(EndpointSlicePlan, ChangesOnlyTheSliceConcerned) {
  std::vector<PodPtr> pods = backends(250);
  const std::vector<SlicePtr> slices = stored(plan_for(service(), pods));
  EXPECT_TRUE(is_empty(plan_for(service(), pods, slices)));

  pods[10] = backend(10, [](api::Pod& pod) { pod.status.conditions[0].status = "False"; });
  EndpointSlicePlan plan = plan_for(service(), pods, slices);
  EXPECT_THAT(plan.update, SizeIs(1));
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_THAT(plan.remove, IsEmpty());

  pods.erase(pods.begin() + 10);
  plan = plan_for(service(), pods, slices);
  ASSERT_THAT(plan.update, SizeIs(1));
  EXPECT_THAT(plan.update[0].endpoints, SizeIs(99));

  // A new pod takes the free place.
  pods.push_back(backend(300));
  plan = plan_for(service(), pods, slices);
  ASSERT_THAT(plan.update, SizeIs(1));
  EXPECT_THAT(plan.update[0].endpoints, SizeIs(100));
}

PodPtr weighing(int number, const char* weight) {
  return backend(number,
                 [&](api::Pod& pod) { pod.metadata.annotations["skiff.io/weight"] = weight; });
}

TEST(EndpointSlicePlan, KeepsPodsOfOneWeightTogether) {
  const EndpointSlicePlan plan =
      plan_for(service(), {backend(1), weighing(2, "300"), weighing(3, "300")});
  ASSERT_THAT(plan.create, SizeIs(2));
  EXPECT_THAT(plan.create[0].endpoints, SizeIs(2));
  EXPECT_EQ(plan.create[0].metadata.annotations.at("skiff.io/weight"), "300");
  EXPECT_FALSE(plan.create[1].metadata.annotations.contains("skiff.io/weight"));
}

TEST(EndpointSlicePlan, AChangedWeightMovesAPodToAnotherSlice) {
  const std::vector<SlicePtr> slices = stored(plan_for(service(), backends(3)));
  std::vector<PodPtr> pods = backends(3);
  pods[1] = weighing(1, "0");
  EndpointSlicePlan plan = plan_for(service(), pods, slices);
  ASSERT_THAT(plan.create, SizeIs(1)) << "first, so that it is never missing";
  EXPECT_EQ(plan.create[0].metadata.annotations.at("skiff.io/weight"), "0");
  ASSERT_THAT(plan.update, SizeIs(1));
  EXPECT_THAT(plan.update[0].endpoints, SizeIs(2));

  for (int i = 0; i < 3; ++i) pods[i] = weighing(i, "7");
  plan = plan_for(service(), pods, slices);
  EXPECT_THAT(plan.create, IsEmpty()) << "all of them: their slice says so";
  ASSERT_THAT(plan.update, SizeIs(1));
  EXPECT_EQ(plan.update[0].metadata.annotations.at("skiff.io/weight"), "7");
}

TEST(EndpointSlicePlan, EndpointsDoNotKnowWeights) {
  const api::Endpoints endpoints = endpoints_object(
      service(), std::vector<PodPtr>{backend(1), weighing(2, "300")}, node_in_zone);
  ASSERT_THAT(endpoints.subsets, SizeIs(1));
  EXPECT_THAT(endpoints.subsets[0].addresses, SizeIs(2));
}

TEST(EndpointSlicePlan, KeepsOneEmptySlice) {
  const std::vector<SlicePtr> first = stored(plan_for(service(), {}));
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_THAT(first[0]->endpoints, IsEmpty());
  EXPECT_TRUE(is_empty(plan_for(service(), {}, first)));

  const std::vector<SlicePtr> three = stored(plan_for(service(), backends(250)));
  const EndpointSlicePlan emptied = plan_for(service(), {}, three);
  EXPECT_THAT(emptied.update, SizeIs(1));
  EXPECT_THAT(emptied.remove, SizeIs(2));

  const EndpointSlicePlan filled = plan_for(service(), {backend(1)}, first);
  EXPECT_THAT(filled.create, IsEmpty());
  ASSERT_THAT(filled.update, SizeIs(1));
  EXPECT_THAT(filled.update[0].ports, SizeIs(1));
}

TEST(EndpointSlicePlan, ANamedPortIsWhatEachPodCallsIt) {
  const auto with_port = [](int32_t number) {
    return [number](api::Pod& pod) {
      api::ContainerPort& port = pod.spec.containers[0].ports.emplace_back();
      port.name = "web";
      port.protocol = "TCP";
      port.containerPort = number;
    };
  };
  const EndpointSlicePlan plan =
      plan_for(service("web"), {backend(1, with_port(8080)), backend(2, with_port(9090)),
                                backend(3, with_port(8080)), backend(4)});
  std::map<int32_t, size_t> endpoints;  // by port
  for (const auto& slice : plan.create)
    endpoints[slice.ports.empty() ? 0 : *slice.ports[0].port] = slice.endpoints.size();
  EXPECT_EQ(endpoints, (std::map<int32_t, size_t>{{0, 1}, {8080, 2}, {9090, 1}}));
}

TEST(EndpointSlicePlan, ATargetPortOfZeroIsThePortItself) {
  EXPECT_EQ(plan_for(service(0), {backend(1)}).create.at(0).ports.at(0).port, 80);
}

TEST(EndpointSlicePlan, LeavesOutPodsThatCannotServe) {
  const std::vector<PodPtr> pods = {
      backend(1, [](api::Pod& pod) { pod.status.phase = "Succeeded"; }),
      backend(2, [](api::Pod& pod) { pod.status.phase = "Failed"; }),
      backend(3, [](api::Pod& pod) { pod.metadata.labels.clear(); }),
      backend(4, [](api::Pod& pod) { pod.metadata.namespace_ = "other"; }),
      backend(5,
              [](api::Pod& pod) {
                pod.status.podIP.clear();
                pod.status.podIPs.clear();
              }),
  };
  EXPECT_THAT(plan_for(service(), pods).create.at(0).endpoints, IsEmpty());
}

TEST(EndpointSlicePlan, ConditionsTellReadyServingAndTerminating) {
  const auto not_ready = [](api::Pod& pod) { pod.status.conditions[0].status = "False"; };
  const auto leaving = [](api::Pod& pod) { pod.metadata.deletionTimestamp = api::Time(kNow); };
  struct {
    PodPtr pod;
    bool publish;
    bool ready, serving, terminating;
  } cases[] = {{backend(1), false, true, true, false},
               {backend(1, not_ready), false, false, false, false},
               {backend(1, not_ready), true, true, false, false},
               {backend(1, leaving), false, false, true, true},
               {backend(1, leaving), true, true, true, true}};
  for (const auto& c : cases) {
    api::Service web = service();
    web.spec.publishNotReadyAddresses = c.publish;
    const EndpointSlicePlan plan = plan_for(web, {c.pod});
    const api::EndpointConditions& conditions = plan.create.at(0).endpoints.at(0).conditions;
    EXPECT_EQ(conditions.ready, c.ready);
    EXPECT_EQ(conditions.serving, c.serving);
    EXPECT_EQ(conditions.terminating, c.terminating);
  }
}

TEST(EndpointSlicePlan, DualStackHasSlicesOfBothFamilies) {
  api::Service web = service();
  web.spec.ipFamilies = {"IPv4", "IPv6"};
  const PodPtr both =
      backend(1, [](api::Pod& pod) { pod.status.podIPs.push_back({.ip = "fd00:10:244::5"}); });
  const std::vector<SlicePtr> slices = stored(plan_for(web, {both, backend(2)}));
  ASSERT_THAT(slices, SizeIs(2));
  EXPECT_EQ(slices[0]->addressType, "IPv4");
  EXPECT_THAT(slices[0]->endpoints, SizeIs(2));
  EXPECT_EQ(slices[1]->addressType, "IPv6");
  ASSERT_THAT(slices[1]->endpoints, SizeIs(1));
  EXPECT_THAT(slices[1]->endpoints[0].addresses, ElementsAre("fd00:10:244::5"));
  // A family that the service loses goes.
  web.spec.ipFamilies = {"IPv6"};
  const EndpointSlicePlan single = plan_for(web, {both, backend(2)}, slices);
  EXPECT_THAT(single.remove, ElementsAre(slices[0]));
  EXPECT_THAT(single.update, IsEmpty());
}

TEST(EndpointSlicePlan, HeadlessServicesAreLabeledAndKnowHostnames) {
  api::Service web = service();
  web.spec.clusterIP = "None";
  const PodPtr named = backend(1, [](api::Pod& pod) {
    pod.spec.hostname = "web-0";
    pod.spec.subdomain = "web";
  });
  const EndpointSlicePlan plan = plan_for(web, {named, backend(2)});
  EXPECT_TRUE(plan.create.at(0).metadata.labels.contains("service.kubernetes.io/headless"));
  EXPECT_EQ(plan.create[0].endpoints.at(0).hostname, "web-0");
  EXPECT_EQ(plan.create[0].endpoints.at(1).hostname, std::nullopt);
}

TEST(EndpointSlicePlan, AnExternalNameHasNone) {
  const std::vector<SlicePtr> slices = stored(plan_for(service(), {backend(1)}));
  api::Service web = service();
  web.spec.type = "ExternalName";
  const EndpointSlicePlan plan = plan_for(web, {backend(1)}, slices);
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_THAT(plan.remove, SizeIs(1));
}

TEST(EndpointsObject, SplitsReadyFromNotReadyAndLeavesOutLeavingPods) {
  const std::vector<PodPtr> pods = {
      backend(1), backend(2, [](api::Pod& pod) { pod.status.conditions[0].status = "False"; }),
      backend(3, [](api::Pod& pod) { pod.metadata.deletionTimestamp = api::Time(kNow); })};
  const api::Endpoints object = endpoints_object(service(), pods, node_in_zone);
  EXPECT_EQ(object.metadata.name, "web");
  EXPECT_EQ(object.metadata.labels.at("endpoints.kubernetes.io/managed-by"), "endpoint-controller");
  ASSERT_THAT(object.subsets, SizeIs(1));
  ASSERT_THAT(object.subsets[0].addresses, SizeIs(1));
  EXPECT_EQ(object.subsets[0].addresses[0].ip, "10.244.0.3");
  EXPECT_EQ(object.subsets[0].addresses[0].nodeName, "node-1");
  ASSERT_THAT(object.subsets[0].notReadyAddresses, SizeIs(1));
  EXPECT_EQ(object.subsets[0].notReadyAddresses[0].ip, "10.244.0.4");
  EXPECT_EQ(object.subsets[0].ports.at(0).port, 8080);
}

TEST(EndpointsObject, HoldsAThousandAddressesAndSaysSo) {
  const api::Endpoints object = endpoints_object(service(), backends(1001), node_in_zone);
  EXPECT_THAT(object.subsets.at(0).addresses, SizeIs(1000));
  EXPECT_EQ(object.metadata.annotations.at("endpoints.kubernetes.io/over-capacity"), "truncated");
  EXPECT_THAT(endpoints_object(service(), backends(1000), node_in_zone).metadata.annotations,
              IsEmpty());
}

TEST(EndpointSlicePlan, TrafficDistributionBecomesHints) {
  const auto hints_under = [](const char* distribution) {
    api::Service close = service();
    if (*distribution) close.spec.trafficDistribution = distribution;
    const PodPtr pod = backend(0, [](api::Pod& each) { each.spec.nodeName = "n1"; });
    const EndpointSlicePlan plan = plan_slices(close, std::vector{pod}, {}, node_in_zone);
    return plan.create.at(0).endpoints.at(0).hints;
  };
  EXPECT_FALSE(hints_under(""));
  for (const char* by_zone : {"PreferClose", "PreferSameZone"}) {
    const auto hints = hints_under(by_zone);
    ASSERT_TRUE(hints) << by_zone;
    EXPECT_EQ(hints->forZones.at(0).name, "zone-of-n1");
    EXPECT_THAT(hints->forNodes, IsEmpty());
  }
  const auto by_node = hints_under("PreferSameNode");
  ASSERT_TRUE(by_node);
  EXPECT_EQ(by_node->forNodes.at(0).name, "n1");
  EXPECT_EQ(by_node->forZones.at(0).name, "zone-of-n1");
}

}  // namespace
}  // namespace skiff::controllers
