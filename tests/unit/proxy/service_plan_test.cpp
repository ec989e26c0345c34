// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/service_plan.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace skiff::proxy {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

api::Service service(const char* type = "ClusterIP") {
  api::Service service;
  service.metadata.namespace_ = "shop";
  service.metadata.name = "web";
  service.spec.type = type;
  service.spec.clusterIP = "10.96.0.20";
  service.spec.clusterIPs = {"10.96.0.20"};
  service.spec.ipFamilies = {"IPv4"};
  api::ServicePort& port = service.spec.ports.emplace_back();
  port.name = "http";
  port.protocol = "TCP";
  port.port = 80;
  if (std::string_view(type) != "ClusterIP") port.nodePort = 30080;
  return service;
}

struct EndpointSpec {
  const char* address;
  const char* node;
  bool ready = true;
  bool serving = true;
  bool terminating = false;
};

std::vector<SlicePtr> slices(std::vector<EndpointSpec> specs, int32_t target = 8080) {
  api::EndpointSlice slice;
  slice.addressType = "IPv4";
  api::EndpointSlicePort& port = slice.ports.emplace_back();
  port.name = "http";
  port.protocol = "TCP";
  port.port = target;
  for (const EndpointSpec& spec : specs) {
    api::Endpoint& endpoint = slice.endpoints.emplace_back();
    endpoint.addresses = {spec.address};
    endpoint.nodeName = spec.node;
    endpoint.conditions.ready = spec.ready;
    endpoint.conditions.serving = spec.serving;
    endpoint.conditions.terminating = spec.terminating;
  }
  return {std::make_shared<const api::EndpointSlice>(std::move(slice))};
}

const Frontend* find(const std::vector<Frontend>& frontends, const IpAddress& address,
                     Scope scope = Scope::kInternal) {
  for (const Frontend& frontend : frontends)
    if (frontend.key.address == address && frontend.key.scope == scope) return &frontend;
  return nullptr;
}

TEST(ServicePlan, AClusterIpHasAllReadyEndpointsSorted) {
  const auto frontends = plan_service(
      service(),
      slices({{"10.244.1.9", "b"}, {"10.244.0.5", "a"}, {"10.244.0.6", "a", false, false}}), "a");
  ASSERT_EQ(frontends.size(), 1u);
  EXPECT_EQ(frontends[0].key, (FrontendKey{ip("10.96.0.20"), 80, IPPROTO_TCP, Scope::kInternal}));
  EXPECT_EQ(frontends[0].backends,
            (std::vector<Backend>{{ip("10.244.0.5"), 8080}, {ip("10.244.1.9"), 8080}}));
}

TEST(ServicePlan, TerminatingEndpointsThatServeAreTheLastResort) {
  const std::vector<EndpointSpec> leaving = {{"10.244.0.5", "a", false, true, true},
                                             {"10.244.0.6", "a", false, false, true}};
  EXPECT_EQ(plan_service(service(), slices(leaving), "a")[0].backends,
            (std::vector<Backend>{{ip("10.244.0.5"), 8080}}));
  std::vector<EndpointSpec> with_ready = leaving;
  with_ready.push_back({"10.244.0.7", "b"});
  EXPECT_EQ(plan_service(service(), slices(with_ready), "a")[0].backends,
            (std::vector<Backend>{{ip("10.244.0.7"), 8080}}));
}

TEST(ServicePlan, WithoutEndpointsAFrontendStaysAndRefuses) {
  const auto frontends = plan_service(service(), slices({}), "a");
  ASSERT_EQ(frontends.size(), 1u);
  EXPECT_TRUE(frontends[0].backends.empty());
  EXPECT_FALSE(frontends[0].drop_empty);
}

TEST(ServicePlan, ExternalTrafficPolicyLocalHasTwoScopes) {
  api::Service local = service("NodePort");
  local.spec.externalTrafficPolicy = "Local";
  const auto frontends = plan_service(local, slices({{"10.244.1.9", "b"}}), "a");
  const Frontend* inside = find(frontends, IpAddress::v4(0));
  const Frontend* outside = find(frontends, IpAddress::v4(0), Scope::kExternal);
  ASSERT_TRUE(inside && outside);
  EXPECT_TRUE(inside->two_scopes);
  EXPECT_EQ(inside->backends.size(), 1u);
  EXPECT_TRUE(outside->backends.empty());
  EXPECT_TRUE(outside->drop_empty)
      << "endpoints exist elsewhere: a load balancer must not see a refusal";
}

TEST(ServicePlan, InternalTrafficPolicyLocalKeepsToTheNode) {
  api::Service local = service();
  local.spec.internalTrafficPolicy = "Local";
  EXPECT_EQ(
      plan_service(local, slices({{"10.244.0.5", "a"}, {"10.244.1.9", "b"}}), "a")[0].backends,
      (std::vector<Backend>{{ip("10.244.0.5"), 8080}}));
}

TEST(ServicePlan, HeadlessExternalNameAndForeignServicesHaveNone) {
  api::Service headless = service();
  headless.spec.clusterIP = "None";
  EXPECT_TRUE(plan_service(headless, {}, "a").empty());
  EXPECT_TRUE(plan_service(service("ExternalName"), {}, "a").empty());
  api::Service foreign = service();
  foreign.metadata.labels["service.kubernetes.io/service-proxy-name"] = "other";
  EXPECT_TRUE(plan_service(foreign, {}, "a").empty());
}

TEST(ServicePlan, EndpointsThatPointAtTheNodeItselfAreIgnored) {
  EXPECT_TRUE(
      plan_service(service(), slices({{"127.0.0.1", "a"}, {"169.254.169.254", "a"}}), "a")[0]
          .backends.empty());
}

TEST(ServicePlan, DualStackServicesHaveAFrontendAFamily) {
  api::Service dual = service("NodePort");
  dual.spec.clusterIPs = {"10.96.0.20", "fd00:10:96::20"};
  dual.spec.ipFamilies = {"IPv4", "IPv6"};
  const auto frontends = plan_service(dual, slices({{"10.244.0.5", "a"}}), "a");
  ASSERT_TRUE(find(frontends, ip("fd00:10:96::20")));
  EXPECT_TRUE(find(frontends, ip("fd00:10:96::20"))->backends.empty());
  EXPECT_TRUE(find(frontends, IpAddress()));
  EXPECT_EQ(frontends.size(), 4u);
}

}  // namespace
}  // namespace skiff::proxy
