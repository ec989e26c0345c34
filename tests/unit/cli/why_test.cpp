// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/why/plan.h"

namespace skiff::cli {
namespace {

using ::testing::HasSubstr;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

api::Pod pod(const std::string& name, const std::string& address, bool ready = true) {
  api::Pod made;
  made.metadata.namespace_ = "shop";
  made.metadata.name = name;
  made.metadata.labels["app"] = "web";
  made.spec.nodeName = "node-1";
  made.status.phase = "Running";
  if (!address.empty()) {
    made.status.podIPs.emplace_back();
    made.status.podIPs.back().ip = address;
  }
  made.status.conditions.emplace_back();
  made.status.conditions.back().type = "Ready";
  made.status.conditions.back().status = ready ? "True" : "False";
  made.status.containerStatuses.emplace_back();
  made.status.containerStatuses.back().name = "main";
  made.status.containerStatuses.back().ready = ready;
  return made;
}

api::Service web() {
  api::Service service;
  service.metadata.namespace_ = "shop";
  service.metadata.name = "web";
  service.spec.type = "ClusterIP";
  service.spec.clusterIP = "10.96.0.7";
  service.spec.clusterIPs = {"10.96.0.7"};
  service.spec.selector["app"] = "web";
  api::ServicePort port;
  port.name = "http";
  port.protocol = "TCP";
  port.port = 80;
  service.spec.ports.push_back(port);
  return service;
}

api::EndpointSlice slice(bool ready) {
  api::EndpointSlice made;
  made.metadata.namespace_ = "shop";
  made.metadata.name = "web-1";
  made.metadata.labels["kubernetes.io/service-name"] = "web";
  made.addressType = "IPv4";
  made.ports.emplace_back();
  made.ports.back().name = "http";
  made.ports.back().port = 8080;
  made.endpoints.emplace_back();
  made.endpoints.back().addresses = {"10.244.1.7"};
  made.endpoints.back().conditions.ready = ready;
  return made;
}

// All is well: a client, a Service with an endpoint, a node that answers.
WhyFacts healthy(const std::string& target = "web.shop:80") {
  WhyFacts facts;
  facts.pod = pod("client", "10.244.0.5");
  facts.target = parse_target(target, "shop").value();
  facts.services = {web()};
  facts.slices = {slice(true)};
  facts.pods = {facts.pod, pod("web-1", "10.244.1.7")};
  trace::NodeFacts node;
  node.node = "node-1";
  node.has_datapath = node.source_known = true;
  node.name = {.asked = true, .addresses = {"10.96.0.7"}, .problem = ""};
  node.frontend.found = true;
  node.frontend.backends = {"10.244.1.7:8080"};
  node.routes.push_back({.destination = "10.244.1.7", .route = "via node-2", .usable = true});
  node.probe = {.ran = true,
                .problem = "",
                .sent = "10.244.0.5:61234 -> 10.96.0.7:80 TCP SYN",
                .verdict = "delivered",
                .reason = "",
                .reason_text = "",
                .came_out = "10.244.0.5:61234 -> 10.244.1.7:8080 TCP SYN"};
  facts.node = node;
  return facts;
}

const Finding* find(const std::vector<Finding>& findings, const std::string& check) {
  for (const Finding& finding : findings)
    if (finding.check == check) return &finding;
  return nullptr;
}

#define EXPECT_FINDING(findings, check_name, wanted_mark, ...)                \
  do {                                                                        \
    const std::vector<Finding> all = findings;                                \
    const Finding* found = find(all, check_name);                             \
    ASSERT_NE(found, nullptr) << check_name;                                  \
    EXPECT_EQ(found->mark, wanted_mark) << found->fact;                       \
    EXPECT_THAT(found->fact + " / " + found->advice, HasSubstr(__VA_ARGS__)); \
  } while (false)

TEST(WhyOutside, IsWhereClientsOutsideAsk) {
  api::Service service = web();
  service.spec.ports[0].nodePort = 30000;
  api::Node node;
  node.status.addresses.push_back({.type = "InternalIP", .address = "10.89.0.2"});
  const auto asked = [&](const char* text) {
    const Target target = parse_target(text, "shop").value();
    const std::vector<api::Service> services = {service};
    return outside_of(target, find_destination(target, services, {}, ip("10.244.0.5")), &node,
                      true);
  };
  EXPECT_EQ(asked("web:80"), std::pair(ip("10.89.0.2"), uint16_t{30000}));
  EXPECT_EQ(asked("10.96.0.7:80"), std::pair(ip("10.89.0.2"), uint16_t{30000}));
  EXPECT_EQ(asked("10.89.0.3:30000"), std::pair(ip("10.89.0.3"), uint16_t{30000}));
  EXPECT_EQ(asked("web:81"), std::nullopt);
  service.spec.externalIPs = {"203.0.113.7"};
  EXPECT_EQ(asked("web:80"), std::pair(ip("203.0.113.7"), uint16_t{80}));
  service.spec = web().spec;
  EXPECT_EQ(asked("web:80"), std::nullopt);
}

TEST(WhyOutside, SaysWhoAnswers) {
  WhyFacts facts = healthy();
  EXPECT_EQ(find(plan(facts), "outside"), nullptr);
  trace::OutsideFact& outside = facts.node->outside;
  outside.asked = outside.direct = true;
  outside.probe = {.ran = true,
                   .problem = "",
                   .sent = "192.0.2.1:61234 -> 10.89.0.2:30000 TCP SYN",
                   .verdict = "carried",
                   .reason = "",
                   .reason_text = "",
                   .came_out = "192.0.2.1:61234 -> 10.89.0.2:30000 TCP SYN"};
  EXPECT_FINDING(plan(facts), "outside", Mark::kOk,
                 "of a client outside is carried as it came to the node of its pod; the pod's node "
                 "answers it (--load-balancer-mode=dsr)");
  outside.direct = false;
  outside.in_driver = true;
  outside.probe.verdict = "delivered";
  outside.probe.came_out = "10.89.0.2:40000 -> 10.244.1.7:8080 TCP SYN";
  EXPECT_FINDING(
      plan(facts), "outside", Mark::kOk,
      "delivered as 10.89.0.2:40000 -> 10.244.1.7:8080 TCP SYN; answers come back through "
      "this node, established connections in the device's driver");
  outside.probe.reason = "source_range";
  EXPECT_FINDING(plan(facts), "outside", Mark::kNote, "loadBalancerSourceRanges");
}

TEST(WhyTarget, TakesNamesAsPeopleWriteThem) {
  const auto parse = [](std::string_view text) { return parse_target(text, "default").value(); };
  EXPECT_EQ(parse("web").service, "web");
  EXPECT_EQ(parse("web").namespace_, "default");
  EXPECT_EQ(parse("shop/web:80").namespace_, "shop");
  EXPECT_EQ(parse("web.shop.svc.cluster.local:http").namespace_, "shop");
  EXPECT_EQ(parse("web.shop.svc.cluster.local:http").port, "http");
  EXPECT_EQ(parse("dns.kube-system:53/udp").protocol, "UDP");
  EXPECT_EQ(parse("pod/shop/web-1:8080").pod, "web-1");
  EXPECT_EQ(parse("10.96.0.1:443").address, ip("10.96.0.1"));
  EXPECT_EQ(parse("[fd00::1]:80").port, "80");
  EXPECT_EQ(parse("fd00::1").address, ip("fd00::1"));
  EXPECT_FALSE(parse_target("web:", "default").ok());
  for (const char* wrong : {"web:99999", "web:0", "10.96.0.1:65536", "300.1.1.1:80", "[::1]:80"})
    EXPECT_FALSE(parse_target(wrong, "default").ok()) << wrong;
  EXPECT_FALSE(parse_target("we b", "default").ok());
  EXPECT_FALSE(parse_target("", "default").ok());
}

TEST(WhyTarget, AnAddressOfAServiceIsThatService) {
  const auto services = std::vector<api::Service>{web()};
  const Destination to =
      find_destination(parse_target("10.96.0.7:80", "x").value(), services, {}, ip("10.244.0.5"));
  ASSERT_NE(to.service, nullptr);
  EXPECT_EQ(to.service->metadata.name, "web");
}

TEST(WhyPlan, HealthyHasNothingThatFails) {
  const WhyFacts facts = healthy();
  const auto findings = plan(facts);
  for (const Finding& finding : findings) EXPECT_EQ(finding.mark, Mark::kOk) << finding.fact;
  EXPECT_EQ(print(findings, facts),
            R"( 1. ok   pod        shop/client has address 10.244.0.5 on node-1
 2. ok   name       the node's DNS answers web.shop: 10.96.0.7
 3. ok   service    shop/web (ClusterIP) 10.96.0.7, port 80/TCP
 4. ok   endpoints  1 ready, 0 serving while they terminate, 0 not ready
 5. ok   node       node-1 answers, its agent is ready, the pod is attached
 6. ok   tables     10.96.0.7 port 80/TCP leads to 10.244.1.7:8080
 7. ok   policy     not enforced on this node: its agent has no role policy
 8. ok   route      to 10.244.1.7: via node-2
 9. ok   flows      none is tracked: sockets are translated when they connect
10. ok   drops      none seen between the two
11. ok   program    10.244.0.5:61234 -> 10.96.0.7:80 TCP SYN is delivered as 10.244.0.5:61234 -> 10.244.1.7:8080 TCP SYN

shop/client reaches web.shop:80: nothing in the way; whether a process answers is for it to say
)");
}

TEST(WhyPlan, NamesTheNamespaceWhereTheServiceIs) {
  WhyFacts facts = healthy("web.default:80");
  const auto findings = plan(facts);
  EXPECT_FINDING(findings, "name", Mark::kFail, "there is one in namespace shop");
  EXPECT_THAT(print(findings, facts), HasSubstr("does not reach web.default:80"));
}

TEST(WhyPlan, ListsThePortsAServiceHas) {
  EXPECT_FINDING(plan(healthy("web:81")), "service", Mark::kFail, "it has http:80/TCP");
}

TEST(WhyPlan, SaysThatNoPodHasTheLabels) {
  WhyFacts facts = healthy();
  facts.slices.clear();
  facts.services[0].spec.selector["app"] = "wbe";
  EXPECT_FINDING(plan(facts), "endpoints", Mark::kFail,
                 "no pod in namespace shop has the labels app=wbe");
}

TEST(WhyPlan, SaysWhyThePodsBehindAServiceAreNotReady) {
  WhyFacts facts = healthy();
  facts.slices = {slice(false)};
  facts.pods = {pod("web-1", "10.244.1.7", false)};
  EXPECT_FINDING(plan(facts), "endpoints", Mark::kFail,
                 "web-1: container main fails its readiness probe");
}

TEST(WhyPlan, SaysThatASelectorIsMissing) {
  WhyFacts facts = healthy();
  facts.slices.clear();
  facts.services[0].spec.selector.clear();
  EXPECT_FINDING(plan(facts), "endpoints", Mark::kFail, "has no selector");
}

TEST(WhyPlan, APodWithoutAddressIsTheEndOfIt) {
  WhyFacts facts = healthy();
  facts.pod.status.podIPs.clear();
  facts.pod.spec.nodeName.clear();
  facts.node.reset();
  const auto findings = plan(facts);
  EXPECT_FINDING(findings, "pod", Mark::kFail, "not scheduled yet");
  EXPECT_EQ(find(findings, "node"), nullptr);
}

TEST(WhyPlan, ANodeThatDoesNotAnswerIsUnknownNotFailed) {
  WhyFacts facts = healthy();
  facts.node.reset();
  facts.node_problem = "connection refused";
  const auto findings = plan(facts);
  EXPECT_FINDING(findings, "node", Mark::kUnknown, "connection refused");
  EXPECT_THAT(print(findings, facts), HasSubstr("not all could be seen"));
}

TEST(WhyPlan, AFrontendWithoutEntryMeansRefusal) {
  WhyFacts facts = healthy();
  facts.node->frontend = {};
  facts.node->frontend.refuses_other_ports = true;
  EXPECT_FINDING(plan(facts), "tables", Mark::kFail, "no entry for 10.96.0.7 port 80/TCP");
}

TEST(WhyPlan, WhatTheProgramSaysIsTheReason) {
  WhyFacts facts = healthy();
  facts.node->probe.verdict = "refused";
  facts.node->probe.reason = "no_endpoints";
  facts.node->probe.reason_text = "the Service has no endpoints: refused";
  EXPECT_FINDING(plan(facts), "program", Mark::kFail, "no_endpoints (the Service has no endpoints");
}

trace::PolicyFact judged(bool egress) {
  return {.egress = egress,
          .from = "10.244.0.5",
          .to = "10.244.1.7:8080",
          .pod = egress ? "shop/client" : "shop/web-1"};
}

// The backend is on node-2, which says what its policies do.
WhyFacts across(const trace::PolicyFact& egress, const trace::PolicyFact& ingress) {
  WhyFacts facts = healthy();
  facts.node->policy_enforced = true;
  facts.node->policies = {egress};
  trace::NodeFacts other;
  other.node = "node-2";
  other.policy_enforced = true;
  other.policies = {ingress};
  other.probe = {
      .ran = true, .sent = "10.244.0.5:61234 -> 10.244.1.7:8080 TCP SYN", .verdict = "delivered"};
  facts.arrivals.push_back(
      {.node = "node-2", .to = "10.244.1.7:8080", .facts = other, .problem = ""});
  return facts;
}

TEST(WhyPlan, APodThatAnotherCniAttachedIsInNoTable) {
  WhyFacts facts = healthy();
  facts.node->source_known = false;
  facts.node->other_cni = true;
  facts.node->probe = {.ran = false, .problem = "the pod is not in the node's tables"};
  EXPECT_FINDING(plan(facts), "node", Mark::kOk, "another CNI attaches pods");
  EXPECT_FINDING(plan(facts), "program", Mark::kOk, "its sockets are translated");
}

TEST(WhyPlan, PodsWithoutPolicyAreFree) {
  const auto findings = plan(across(judged(true), judged(false)));
  EXPECT_FINDING(findings, "egress", Mark::kOk, "no NetworkPolicy isolates shop/client");
  EXPECT_FINDING(findings, "ingress", Mark::kOk, "no NetworkPolicy isolates shop/web-1");
  EXPECT_FINDING(findings, "arrival", Mark::kOk, "on node-2 10.244.0.5:61234 -> 10.244.1.7:8080");
}

TEST(WhyPlan, ThePolicyAndRuleThatAllowAreNamed) {
  trace::PolicyFact ingress = judged(false);
  ingress.isolating = {"shop/deny", "shop/allow-client"};
  ingress.policy = "shop/allow-client";
  ingress.rule = "ingress[0]";
  ingress.rule_text = "from pods app=client of shop on TCP 8080";
  EXPECT_FINDING(plan(across(judged(true), ingress)), "ingress", Mark::kOk,
                 "from 10.244.0.5 (shop/client): shop/allow-client ingress[0] allows it: from pods "
                 "app=client of shop on TCP 8080");
}

TEST(WhyPlan, APolicyThatDeniesFailsAndSaysWhatNearlyAllows) {
  trace::PolicyFact egress = judged(true);
  egress.allowed = false;
  egress.isolating = {"shop/deny"};
  EXPECT_FINDING(plan(across(egress, judged(false))), "egress", Mark::kFail,
                 "to 10.244.1.7:8080 (shop/web-1): shop/deny isolates shop/client, and none of "
                 "their rules has this peer and port / a NetworkPolicy must allow it: `kubectl get "
                 "netpol -n shop`");
  egress.near_misses = {"shop/allow egress[1] has the peer, not the port: to anybody on TCP 53"};
  EXPECT_FINDING(plan(across(egress, judged(false))), "egress", Mark::kFail,
                 "nearly: shop/allow egress[1] has the peer");
}

TEST(WhyPlan, TablesThatCannotBeReadAreNoAnswer) {
  WhyFacts facts = across(judged(true), judged(false));
  facts.node->frontend = {};
  facts.node->source_known = false;
  facts.node->problem = "read frontends: permission denied";
  facts.arrivals[0].facts->problem = "read pods: permission denied";
  const auto findings = plan(facts);
  EXPECT_FINDING(findings, "node", Mark::kUnknown, "node-1 cannot read its tables: read frontends");
  EXPECT_FINDING(findings, "arrival", Mark::kUnknown, "node-2 cannot read its tables: read pods");
  EXPECT_EQ(find(findings, "tables"), nullptr);
  EXPECT_EQ(find(findings, "flows"), nullptr);
}

TEST(WhyPlan, WhatNoRuleCanForbidPasses) {
  trace::PolicyFact ingress = judged(false);
  ingress.allowed = false;
  ingress.isolating = {"shop/deny"};
  ingress.exempt = "traffic with the pod's own node always passes";
  EXPECT_FINDING(plan(across(judged(true), ingress)), "ingress", Mark::kOk, "passes all the same");
}

TEST(WhyPlan, TablesThatLagBehindFail) {
  trace::PolicyFact ingress = judged(false);
  ingress.tables_differ = true;
  EXPECT_FINDING(plan(across(judged(true), ingress)), "ingress", Mark::kFail,
                 "the tables in the kernel say otherwise");
}

TEST(WhyPlan, TablesOfPoliciesThatCouldNotBeLookedUpAreNotCalledEqual) {
  trace::PolicyFact ingress = judged(false);
  ingress.tables_problem = "look up pod_policies: operation not permitted";
  EXPECT_FINDING(plan(across(judged(true), ingress)), "ingress", Mark::kUnknown,
                 "the tables in the kernel could not be looked up: look up pod_policies: operation "
                 "not permitted");
}

TEST(WhyPlan, EqualAnswersAboutSeveralBackendsAreOneFinding) {
  trace::PolicyFact first = judged(true), second = judged(true);
  first.isolating = second.isolating = {"shop/deny"};
  first.allowed = second.allowed = false;
  second.to = "10.244.1.8:8080";
  WhyFacts facts = across(first, judged(false));
  facts.node->policies.push_back(second);
  const auto findings = plan(facts);
  EXPECT_EQ(std::ranges::count(findings, "egress", &Finding::check), 1);
  EXPECT_FINDING(findings, "egress", Mark::kFail,
                 "to 10.244.1.7:8080 (shop/web-1), 10.244.1.8:8080:");
}

TEST(WhyPlan, ABackendsNodeThatDoesNotAnswerIsUnknown) {
  WhyFacts facts = across(judged(true), judged(false));
  facts.arrivals[0].facts.reset();
  facts.arrivals[0].problem = "connection refused";
  EXPECT_FINDING(plan(facts), "arrival", Mark::kUnknown, "node-2, node of 10.244.1.7:8080, cannot");
}

TEST(WhyPlan, RecentDropsAreShownWithTheirReason) {
  WhyFacts facts = healthy();
  facts.node->drops.push_back({.seconds_ago = 3,
                               .reason = "no_route",
                               .place = "from_pod",
                               .packet = "a -> b TCP",
                               .refused = false});
  EXPECT_FINDING(plan(facts), "drops", Mark::kNote, "dropped 3 s ago: no_route at from_pod");
}

}  // namespace
}  // namespace skiff::cli
