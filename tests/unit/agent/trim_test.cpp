// SPDX-License-Identifier: Apache-2.0
// What the agent leaves out of what it keeps, and what a Service costs it in memory then.
#include "agent/trim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "agent/dns/kube_view.h"
#include "agent/proxy/frontend_writer.h"
#include "agent/trace/kube_names.h"
#include "api/codec.h"
#include "kube/endpoint_slices.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// As API servers send them, with all that kubectl and controllers write into them.
constexpr const char* kMetadata =
    R"("namespace":"shop","uid":"1b6e3f0e-5a0f-4c39-9e7a-1f7d3c2b9a55","resourceVersion":"12345",
"creationTimestamp":"2026-01-02T03:04:05Z","generation":3,"finalizers":["example.com/wait"],
"managedFields":[{"manager":"kubectl","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:05Z",
"fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:ports":{},"f:selector":{},"f:type":{}}}}])";

std::string service_json(int number) {
  return fmt::format(
      R"({{"metadata":{{"name":"service-{0}",{1},"labels":{{"app":"web"}},"annotations":{{
"kubectl.kubernetes.io/last-applied-configuration":"{{\"kind\":\"Service\",\"spec\":{{\"ports\":[]}}}}","skiff.io/load-balancing":"maglev"}}}},
"spec":{{"type":"ClusterIP","clusterIP":"10.96.{2}.{3}","clusterIPs":["10.96.{2}.{3}"],"ipFamilies":["IPv4"],
"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster","sessionAffinity":"None","selector":{{"app":"web-{0}"}},
"ports":[{{"name":"http","port":80,"protocol":"TCP","targetPort":8080}}]}},"status":{{"loadBalancer":{{}},
"conditions":[{{"type":"LoadBalancerPortsError","status":"False"}}]}}}})",
      number, kMetadata, number / 250, 1 + number % 250);
}

std::string slice_json(int number) {
  std::string endpoints;
  for (int i = 0; i < 4; ++i)
    endpoints += fmt::format(
        R"({}{{"addresses":["10.{}.{}.{}"],"nodeName":"node-{}","zone":"west","conditions":{{"ready":true,"serving":true,"terminating":false}},
"targetRef":{{"kind":"Pod","namespace":"shop","name":"web-{}-{}","uid":"7c0f4f0e-5a0f-4c39-9e7a-{:012}"}}}})",
        i > 0 ? "," : "", 128 + i, number / 250, 1 + number % 250, i, number, i, number * 4 + i);
  return fmt::format(
      R"({{"addressType":"IPv4","metadata":{{"name":"service-{0}-x7k2p",{1},"generateName":"service-{0}-",
"labels":{{"app":"web","kubernetes.io/service-name":"service-{0}","endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"}},
"annotations":{{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-02T03:04:05Z"}},
"ownerReferences":[{{"apiVersion":"v1","kind":"Service","name":"service-{0}","uid":"1b6e3f0e-5a0f-4c39-9e7a-1f7d3c2b9a55"}}]}},
"ports":[{{"name":"http","port":8080,"protocol":"TCP"}}],"endpoints":[{2}]}})",
      number, kMetadata, endpoints);
}

template <class T>
T trimmed(const std::string& json) {
  T object = api::decode_json<T>(json).value();
  trim(object);
  return object;
}

TEST(Trim, AServiceKeepsWhatANodeReads) {
  const auto service = trimmed<api::Service>(service_json(7));
  EXPECT_THAT(service.metadata.managedFields, IsEmpty());
  EXPECT_THAT(service.metadata.finalizers, IsEmpty());
  EXPECT_THAT(service.metadata.annotations, ElementsAre(Pair("skiff.io/load-balancing", "maglev")));
  EXPECT_THAT(service.spec.selector, IsEmpty());
  EXPECT_EQ(service.metadata.uid, "1b6e3f0e-5a0f-4c39-9e7a-1f7d3c2b9a55");  // events name it
  EXPECT_THAT(service.metadata.labels, ElementsAre(Pair("app", "web")));
  EXPECT_EQ(service.spec.clusterIP, "10.96.0.8");
  EXPECT_EQ(service.spec.ports.size(), 1u);
  EXPECT_EQ(service.status.conditions.size(), 1u);  // announce_plan reads them
}

TEST(Trim, ASliceKeepsItsEndpointsAndWhoseItIs) {
  const auto slice = trimmed<api::EndpointSlice>(slice_json(7));
  EXPECT_THAT(slice.metadata.managedFields, IsEmpty());
  EXPECT_THAT(slice.metadata.ownerReferences, IsEmpty());
  EXPECT_THAT(slice.metadata.labels, ElementsAre(Pair(api::kServiceNameLabel, "service-7")));
  EXPECT_EQ(slice.metadata.annotations.size(), 1u);  // when it changed, for the metrics
  ASSERT_EQ(slice.endpoints.size(), 4u);
  EXPECT_EQ(slice.endpoints[1].targetRef->name, "web-7-1");
  EXPECT_EQ(slice.endpoints[1].zone, "west");
  EXPECT_EQ(slice.ports[0].port, 8080);
}

size_t in_use() {
  return ::mallinfo2().uordblks;
}

// What entries take that are the kernel's on a node.
size_t bytes_of_maps(const datapath::Maps& maps) {
  const datapath::Maps same = datapath::memory_maps();
  const size_t before = in_use();
  EXPECT_TRUE(
      maps.frontends
          ->for_each([&](const datapath::FrontendKey& key, const datapath::Frontend& entry) {
            (void)same.frontends->put(key, entry);
          })
          .ok());
  EXPECT_TRUE(maps.backends
                  ->for_each([&](uint32_t slot, const datapath::Backend& backend) {
                    (void)same.backends->put(slot, backend);
                  })
                  .ok());
  return in_use() - before;
}

// Everything the agent keeps for each Service of the cluster: both stores with all their indexes,
// and the proxy's books. Measured 1,500 bytes (with glibc's own of each block); 5,000 Services have
// to fit into the budget of 40 MB beside the program.
TEST(AgentMemory, AServiceWithFourEndpointsTakesFewBytes) {
  constexpr int kServices = 2000;
  asio::io_context io;
  FakeClock clock;
  kube::Store<api::Service> services(io.get_executor(), kube::Keep::kPacked);
  kube::Store<api::EndpointSlice> slices(io.get_executor(), kube::Keep::kPacked);
  kube::Store<api::Pod> pods(io.get_executor());
  kube::Store<api::Node> nodes(io.get_executor());
  const dns::KubeView dns(services, slices);
  const trace::KubeNames names("node-1", 1, {pods, services, slices, nodes}, clock);
  datapath::Maps maps = datapath::memory_maps();
  proxy::FrontendWriter writer(maps, clock);
  kube::StoreSink<api::Service> service_sink(services, [](api::Service& it) { trim(it); });
  kube::StoreSink<api::EndpointSlice> slice_sink(slices, [](api::EndpointSlice& it) { trim(it); });

  const size_t before = in_use();
  for (int i = 0; i < kServices; ++i) {
    ASSERT_TRUE(service_sink.put(service_json(i)).ok());
    ASSERT_TRUE(slice_sink.put(slice_json(i)).ok());
  }
  const size_t stored = in_use() - before;
  for (const kube::ObjectKey& key : services.keys()) {
    const auto plan = proxy::plan_service(*services.get(key),
                                          slices.by_index(kube::kSlicesByService, key.to_string()),
                                          {.node = "node-1"});
    ASSERT_TRUE(writer.apply(key.to_string(), plan.frontends).ok());
  }
  const size_t booked = in_use() - before - stored - bytes_of_maps(maps);
  RecordProperty("stored", static_cast<int>(stored / kServices));
  RecordProperty("booked", static_cast<int>(booked / kServices));
  EXPECT_EQ(writer.size(), static_cast<size_t>(kServices));
  EXPECT_LT(stored / kServices, 1200u);
  EXPECT_LT(booked / kServices, 800u);
}

}  // namespace
}  // namespace skiff::agent
