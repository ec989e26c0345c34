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

// The frontends of the first argument as node `node` has them.
std::vector<Frontend> frontends_of(const api::Service& service, const std::vector<SlicePtr>& slices,
                                   const std::string& node, const std::string& zone = "") {
  return plan_service(service, slices, {.node = node, .zone = zone, .node_addresses = {}})
      .frontends;
}

TEST(ServicePlan, AClusterIpHasAllReadyEndpointsSorted) {
  const auto frontends = frontends_of(
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
  EXPECT_EQ(frontends_of(service(), slices(leaving), "a")[0].backends,
            (std::vector<Backend>{{ip("10.244.0.5"), 8080, true}}));
  std::vector<EndpointSpec> with_ready = leaving;
  with_ready.push_back({"10.244.0.7", "b"});
  EXPECT_EQ(frontends_of(service(), slices(with_ready), "a")[0].backends,
            (std::vector<Backend>{{ip("10.244.0.7"), 8080}}));
}

TEST(ServicePlan, WithoutEndpointsAFrontendStaysAndRefuses) {
  const auto frontends = frontends_of(service(), slices({}), "a");
  ASSERT_EQ(frontends.size(), 1u);
  EXPECT_TRUE(frontends[0].backends.empty());
  EXPECT_FALSE(frontends[0].drop_empty);
}

TEST(ServicePlan, ExternalTrafficPolicyLocalHasTwoScopes) {
  api::Service local = service("NodePort");
  local.spec.externalTrafficPolicy = "Local";
  const auto frontends = frontends_of(local, slices({{"10.244.1.9", "b"}}), "a");
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
      frontends_of(local, slices({{"10.244.0.5", "a"}, {"10.244.1.9", "b"}}), "a")[0].backends,
      (std::vector<Backend>{{ip("10.244.0.5"), 8080}}));
}

TEST(ServicePlan, HeadlessExternalNameAndForeignServicesHaveNone) {
  api::Service headless = service();
  headless.spec.clusterIP = "None";
  EXPECT_TRUE(frontends_of(headless, {}, "a").empty());
  EXPECT_TRUE(frontends_of(service("ExternalName"), {}, "a").empty());
  api::Service foreign = service();
  foreign.metadata.labels["service.kubernetes.io/service-proxy-name"] = "other";
  EXPECT_TRUE(frontends_of(foreign, {}, "a").empty());
}

TEST(ServicePlan, EndpointsThatPointAtTheNodeItselfAreIgnored) {
  EXPECT_TRUE(
      frontends_of(service(), slices({{"127.0.0.1", "a"}, {"169.254.169.254", "a"}}), "a")[0]
          .backends.empty());
}

TEST(ServicePlan, DualStackServicesHaveAFrontendAFamily) {
  api::Service dual = service("NodePort");
  dual.spec.clusterIPs = {"10.96.0.20", "fd00:10:96::20"};
  dual.spec.ipFamilies = {"IPv4", "IPv6"};
  const auto frontends = frontends_of(dual, slices({{"10.244.0.5", "a"}}), "a");
  ASSERT_TRUE(find(frontends, ip("fd00:10:96::20")));
  EXPECT_TRUE(find(frontends, ip("fd00:10:96::20"))->backends.empty());
  EXPECT_TRUE(find(frontends, IpAddress()));
  EXPECT_EQ(frontends.size(), 4u);
}

TEST(ServicePlan, AffinityHasTheTimeTheServiceSays) {
  api::Service sticky = service();
  sticky.spec.sessionAffinity = "ClientIP";
  EXPECT_EQ(frontends_of(sticky, {}, "a")[0].affinity_seconds, 10800u);
  sticky.spec.sessionAffinityConfig.emplace();
  sticky.spec.sessionAffinityConfig->clientIP.emplace();
  sticky.spec.sessionAffinityConfig->clientIP->timeoutSeconds = 60;
  EXPECT_EQ(frontends_of(sticky, {}, "a")[0].affinity_seconds, 60u);
}

api::Service load_balancer(std::vector<std::string> addresses) {
  api::Service service = proxy::service("LoadBalancer");
  for (std::string& address : addresses)
    service.status.loadBalancer.ingress.push_back({.ip = std::move(address)});
  return service;
}

TEST(ServicePlan, SourceRangesBindTheLoadBalancerAddressOfTheirFamilyOnly) {
  api::Service dual = load_balancer({"203.0.113.5", "2001:db8::5"});
  dual.spec.ipFamilies = {"IPv4", "IPv6"};
  dual.spec.externalIPs = {"192.0.2.7"};
  dual.spec.loadBalancerSourceRanges = {"198.51.100.0/24", "10.0.0.0/8"};
  const auto frontends = frontends_of(dual, {}, "a");
  ASSERT_TRUE(find(frontends, ip("203.0.113.5")) && find(frontends, ip("2001:db8::5")));
  EXPECT_TRUE(find(frontends, ip("203.0.113.5"))->restricted);
  EXPECT_EQ(find(frontends, ip("203.0.113.5"))->source_ranges,
            (std::vector<Cidr>{Cidr::parse("10.0.0.0/8").value(),
                               Cidr::parse("198.51.100.0/24").value()}));
  EXPECT_FALSE(find(frontends, ip("2001:db8::5"))->restricted) << "no range of its family";
  for (const char* open : {"10.96.0.20", "192.0.2.7", "0.0.0.0"})
    EXPECT_FALSE(find(frontends, ip(open))->restricted) << open;
}

TEST(ServicePlan, AnAddressListedTwiceIsTheRestrictedOne) {
  api::Service twice = load_balancer({"203.0.113.5"});
  twice.spec.externalIPs = {"203.0.113.5"};
  twice.spec.loadBalancerSourceRanges = {"10.0.0.0/8"};
  const auto frontends = frontends_of(twice, {}, "a");
  EXPECT_EQ(std::count_if(frontends.begin(), frontends.end(),
                          [](const Frontend& each) { return each.external; }),
            1);
  EXPECT_TRUE(find(frontends, ip("203.0.113.5"))->restricted);
}

TEST(ServicePlan, AddressesOfLoadBalancersThatProxyAreLeftAlone) {
  api::Service proxied = load_balancer({"203.0.113.5"});
  proxied.status.loadBalancer.ingress[0].ipMode = "Proxy";
  EXPECT_FALSE(find(frontends_of(proxied, {}, "a"), ip("203.0.113.5")));
}

TEST(ServicePlan, ANodesAddressNeverLosesItsNodePorts) {
  api::Service taking = load_balancer({"10.89.0.2"});
  taking.spec.ports[0].port = 30443;
  const ServicePlan plan =
      plan_service(taking, {}, {.node = "a", .zone = "", .node_addresses = {ip("10.89.0.2")}});
  EXPECT_FALSE(find(plan.frontends, ip("10.89.0.2")));
  ASSERT_EQ(plan.refused.size(), 1u);
  EXPECT_NE(plan.refused[0].find("10.89.0.2 port 30443"), std::string::npos);
  EXPECT_TRUE(plan.load_balancer_addresses.empty())
      << "a node's address is never whole a Service's";
  taking.spec.ports[0].port = 443;
  EXPECT_TRUE(find(frontends_of(taking, {}, "a"), ip("10.89.0.2")));
}

TEST(ServicePlan, TheHealthPortTellsTheReadyEndpointsOfTheNode) {
  api::Service local = load_balancer({"203.0.113.5"});
  local.spec.healthCheckNodePort = 31234;
  const auto endpoints = slices({{"10.244.0.5", "a"},
                                 {"10.244.0.6", "a"},
                                 {"10.244.0.7", "a", false, true, true},
                                 {"10.244.1.9", "b"}});
  const Viewpoint here{.node = "a", .zone = "", .node_addresses = {}};
  EXPECT_EQ(plan_service(local, endpoints, here).health_port, 0) << "policy Cluster";
  local.spec.externalTrafficPolicy = "Local";
  const ServicePlan plan = plan_service(local, endpoints, here);
  EXPECT_EQ(plan.health_port, 31234);
  EXPECT_EQ(plan.local_ready, 2) << "a terminating one must not draw new clients";
}

TEST(ServicePlan, TheHeadlessLabelLeavesAServiceAlone) {
  api::Service headless = service();
  headless.metadata.labels["service.kubernetes.io/headless"] = "";
  EXPECT_TRUE(frontends_of(headless, {}, "a").empty());
}

TEST(ServicePlan, AWeightThatIsNoneIsRefusedByName) {
  auto given = slices({{"10.244.0.5", "a"}});
  api::EndpointSlice slice = *given[0];
  slice.metadata.name = "web-1";
  slice.metadata.annotations["skiff.io/weight"] = "heavy";
  given[0] = std::make_shared<const api::EndpointSlice>(slice);
  const ServicePlan plan =
      plan_service(service(), given, {.node = "a", .zone = "", .node_addresses = {}});
  EXPECT_EQ(plan.refused, (std::vector<std::string>{
                              "endpoint slice web-1: annotation skiff.io/weight \"heavy\": want a "
                              "number from 0 to 1000"}));
  EXPECT_EQ(plan.frontends[0].backends.size(), 1u) << "it serves as if nothing had been said";
}

TEST(ServicePlan, WhatGetsNoNewClientsIsKept) {
  const auto frontends = frontends_of(service(),
                                      slices({{"10.244.0.5", "a"},
                                              {"10.244.0.6", "a", false, true, true},
                                              {"10.244.0.7", "a", false, false}}),
                                      "a");
  EXPECT_EQ(frontends[0].draining, (std::vector<Backend>{{ip("10.244.0.6"), 8080, true}}));
  EXPECT_EQ(frontends[0].unready, (std::vector<Backend>{{ip("10.244.0.7"), 8080}}));
}

TEST(ServicePlan, ClientsOutsideAreAnsweredDirectlyWhereTheViewpointSaysSo) {
  const Viewpoint from{.node = "a", .zone = "", .node_addresses = {}, .direct_answers = true};
  const ServicePlan plan = plan_service(service("NodePort"), slices({{"10.244.1.7", "b"}}), from);
  EXPECT_TRUE(find(plan.frontends, IpAddress::v4(0))->direct_answers);
  EXPECT_FALSE(find(plan.frontends, ip("10.96.0.20"))->direct_answers);
}

}  // namespace
}  // namespace skiff::proxy
