// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "agent/trace/hubble/flow_filter.h"
#include "agent/trace/hubble/flow_of.h"
#include "bpf/abi/reason.h"
#include "bpf/abi/trace.h"

namespace skiff::trace::hubble {
namespace {

using ::testing::HasSubstr;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

std::shared_ptr<const Identity> pod(const std::string& ns, const std::string& name) {
  Identity identity;
  identity.kind = Identity::Kind::kPod;
  identity.namespace_ = ns;
  identity.name = name;
  identity.workload = "web";
  identity.workload_kind = "Deployment";
  identity.labels["app"] = "web";
  return std::make_shared<const Identity>(identity);
}

FlowRecord record() {
  FlowRecord made;
  made.time = TimePoint(std::chrono::milliseconds(1'500));
  made.id = 0x3f9a1c;
  made.node = "node-1";
  made.hook = SKIFF_HOOK_FROM_POD;
  made.protocol = 6;
  made.tcp_flags = 0x02;
  made.direction = Direction::kEgress;
  made.lb_reason = "chosen";
  made.client = {.address = ip("10.244.0.5"), .port = 40000, .who = pod("shop", "client")};
  made.asked = {.address = ip("10.96.0.7"), .port = 80, .who = nullptr};
  made.sender = made.client;
  made.backend = {.address = ip("10.244.1.7"), .port = 8080, .who = pod("shop", "web-1")};
  made.service = std::make_shared<const ServicePort>(ServicePort{"shop", "web", "http"});
  return made;
}

FlowFilters filters(std::initializer_list<const char*> texts) {
  FlowFilters list;
  for (const char* text : texts)
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, list.Add()).ok()) << text;
  return list;
}

TEST(HubbleFlow, SaysClientServiceAndBackend) {
  const ::flow::Flow flow = flow_of(record());
  EXPECT_EQ(flow.verdict(), ::flow::FORWARDED);
  EXPECT_EQ(flow.ip().source(), "10.244.0.5");
  EXPECT_EQ(flow.ip().destination(), "10.244.1.7");
  EXPECT_EQ(flow.l4().tcp().destination_port(), 8080U);
  EXPECT_TRUE(flow.l4().tcp().flags().syn());
  EXPECT_EQ(flow.source().pod_name(), "client");
  EXPECT_EQ(flow.destination().workloads(0).kind(), "Deployment");
  EXPECT_EQ(flow.destination_service().name(), "web");
  EXPECT_EQ(flow.trace_observation_point(), ::flow::FROM_ENDPOINT);
  EXPECT_EQ(flow.event_type().type(), 4);
  EXPECT_EQ(flow.traffic_direction(), ::flow::EGRESS);
  EXPECT_EQ(flow.time().nanos(), 500'000'000);
  EXPECT_EQ(flow.summary(), "TCP Flags: SYN; service shop/web:http 10.96.0.7:80 (chosen)");
}

TEST(HubbleFlow, SaysWhereThePacketWentAndWhoAllowedIt) {
  FlowRecord made = record();
  made.exit = Exit::kOverlay;
  made.policies = {.egress = {"shop/out"}, .ingress = {"shop/in"}};
  const ::flow::Flow flow = flow_of(made);
  EXPECT_EQ(flow.trace_observation_point(), ::flow::TO_OVERLAY);
  EXPECT_EQ(flow.event_type().sub_type(), 4);
  EXPECT_EQ(flow.trace_reason(), ::flow::NEW);
  EXPECT_EQ(flow.egress_allowed_by(0).name(), "out");
  EXPECT_EQ(flow.ingress_allowed_by(0).namespace_(), "shop");
  EXPECT_EQ(flow.destination().cluster_name(), "default");
}

TEST(HubbleFlow, ADeniedFlowNamesThePoliciesThatDeny) {
  FlowRecord denied = record();
  denied.kind = Kind::kDropped;
  denied.reason = "policy_ingress";
  denied.reason_code = SKIFF_REASON_POLICY_INGRESS;
  denied.place = "from_device";
  denied.policies = {.egress = {}, .ingress = {"shop/deny"}};
  const ::flow::Flow flow = flow_of(denied);
  EXPECT_EQ(flow.drop_reason_desc(), ::flow::POLICY_DENIED);
  EXPECT_EQ(flow.ingress_denied_by(0).name(), "deny");
  EXPECT_EQ(flow.file().name(), "from_device");
}

TEST(HubbleFlow, AQuestionToTheDnsIsAnL7Flow) {
  FlowRecord asked = record();
  asked.kind = Kind::kDns;
  asked.dns = std::make_shared<const DnsExchange>(
      DnsExchange{.name = "wbe.shop.svc.cluster.local.", .type = "A", .rcode = "NXDOMAIN"});
  const ::flow::Flow flow = flow_of(asked);
  EXPECT_EQ(flow.type(), ::flow::L7);
  EXPECT_EQ(flow.event_type().type(), 129);
  EXPECT_EQ(flow.l7().dns().rcode(), 3U);
  EXPECT_EQ(flow.summary(),
            "DNS Answer RCode: NXDOMAIN TTL: 0 (Query wbe.shop.svc.cluster.local. A)");
  EXPECT_TRUE(wanted(flow, filters({R"({"dns_query":["^wbe[.]"]})"}), {}));
  EXPECT_TRUE(wanted(flow, filters({R"({"protocol":["dns"]})"}), {}));
  EXPECT_FALSE(wanted(flow_of(record()), filters({R"({"protocol":["dns"]})"}), {}));
  EXPECT_FALSE(check(filters({R"({"dns_query":["("]})"})).ok());
}

// What Hubble's own client expects on the wire: field 100000 is the summary, 26 a BoolValue.
TEST(HubbleFlow, HasTheNumbersOfHubble) {
  const auto* flow = ::flow::Flow::descriptor();
  EXPECT_EQ(flow->full_name(), "flow.Flow");
  EXPECT_EQ(flow->FindFieldByName("Summary")->number(), 100000);
  EXPECT_EQ(flow->FindFieldByName("IP")->number(), 5);
  EXPECT_EQ(flow->FindFieldByName("is_reply")->number(), 26);
  EXPECT_EQ(flow->FindFieldByName("destination_service")->number(), 21);
  EXPECT_EQ(flow->FindFieldByName("l7")->number(), 15);
  EXPECT_EQ(flow->FindFieldByName("egress_denied_by")->number(), 21004);
  EXPECT_EQ(::flow::FlowFilter::descriptor()->FindFieldByName("tcp_flags")->number(), 23);
}

TEST(HubbleFlow, RefusalsAreDropsWithTheNearestReason) {
  FlowRecord refused = record();
  refused.kind = Kind::kRefused;
  refused.reason = "no_endpoints";
  refused.place = "from_pod";
  const ::flow::Flow flow = flow_of(refused);
  EXPECT_EQ(flow.verdict(), ::flow::DROPPED);
  EXPECT_EQ(flow.drop_reason_desc(), ::flow::SERVICE_BACKEND_NOT_FOUND);
  EXPECT_EQ(flow.event_type().type(), 1);
  EXPECT_EQ(flow.ip().destination(), "10.96.0.7") << "nothing was chosen";
  EXPECT_THAT(flow.summary(), HasSubstr("no_endpoints at from_pod"));
}

TEST(HubbleFlow, EveryReasonOfTheProgramsHasANumber) {
#define SKIFF_REASON_LABEL(id, label, text) label,
  for (const char* label : {SKIFF_REASONS(SKIFF_REASON_LABEL)}) {
    if (std::string_view(label) == "none") continue;
    EXPECT_NE(drop_reason_of(label), 0U) << label;
  }
#undef SKIFF_REASON_LABEL
}

TEST(HubbleFlow, KernelDropsHaveANumberOutsideHubbles) {
  FlowRecord lost = record();
  lost.kind = Kind::kKernelDropped;
  lost.reason = "NETFILTER_DROP";
  lost.place = "nft_do_chain+0x3e8";
  const ::flow::Flow flow = flow_of(lost);
  EXPECT_EQ(flow.drop_reason(), 250U);
  EXPECT_EQ(flow.drop_reason_desc(), ::flow::DROP_REASON_UNKNOWN);
  EXPECT_THAT(flow.summary(), HasSubstr("kernel NETFILTER_DROP at nft_do_chain+0x3e8"));
}

TEST(HubbleIdentity, IsTheSameForEqualLabelsAndNeverReserved) {
  const auto a = pod("shop", "web-1"), b = pod("shop", "web-2"), c = pod("other", "web-1");
  EXPECT_EQ(identity_of(a.get(), "node-1"), identity_of(b.get(), "node-2"));
  EXPECT_NE(identity_of(a.get(), "node-1"), identity_of(c.get(), "node-1"));
  EXPECT_GE(identity_of(a.get(), "node-1"), 256U);
  EXPECT_EQ(identity_of(nullptr, "node-1"), 2U);
}

TEST(HubbleFilter, AlternativesInAFieldAllFieldsInAFilterAnyFilterOfAList) {
  const ::flow::Flow flow = flow_of(record());
  const FlowFilters none;
  EXPECT_TRUE(wanted(flow, none, none));
  EXPECT_TRUE(wanted(flow, filters({R"({"source_pod":["shop/other","shop/cli"]})"}), none));
  EXPECT_FALSE(wanted(flow, filters({R"({"source_pod":["shop/cli"],"protocol":["udp"]})"}), none));
  EXPECT_TRUE(
      wanted(flow, filters({R"({"protocol":["udp"]})", R"({"destination_port":["8080"]})"}), none));
  EXPECT_FALSE(wanted(flow, none, filters({R"({"destination_ip":["10.244.0.0/16"]})"})));
}

TEST(HubbleFilter, KnowsTheFieldsOfTheCommandLine) {
  const ::flow::Flow flow = flow_of(record());
  for (const char* text :
       {R"({"source_ip":["10.244.0.5"]})", R"({"verdict":["FORWARDED"]})",
        R"({"event_type":[{"type":4}]})", R"({"source_label":["app=web"]})",
        R"({"destination_label":["k8s:app=web"]})", R"({"destination_service":["shop/web"]})",
        R"({"tcp_flags":[{"SYN":true}]})", R"({"node_name":["node-1"]})",
        R"({"ip_version":["IPv4"]})", R"({"reply":[false]})", R"({"traffic_direction":["EGRESS"]})",
        R"({"source_workload":[{"name":"web"}]})", R"({"source_pod":["shop/"]})"})
    EXPECT_TRUE(wanted(flow, filters({text}), {})) << text;
  for (const char* text : {R"({"source_ip":["10.0.0.0/16"]})", R"({"verdict":["DROPPED"]})",
                           R"({"event_type":[{"type":4,"match_sub_type":true,"sub_type":0}]})",
                           R"({"source_label":["app=db"]})", R"({"tcp_flags":[{"RST":true}]})",
                           R"({"reply":[true]})", R"({"source_pod":["client"]})"})
    EXPECT_FALSE(wanted(flow, filters({text}), {})) << text;
}

TEST(HubbleFilter, WhatCannotBeAnsweredIsRefusedNotIgnored) {
  EXPECT_EQ(check(filters({R"({"http_method":["GET"]})"})).code(), StatusCode::kUnimplemented);
  EXPECT_EQ(check(filters({R"({"source_ip":["10.0.0"]})"})).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(check(filters({R"({"source_port":["http"]})"})).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(check(filters({R"({"source_ip":["fd00::/8"]})"})).ok());
}

}  // namespace
}  // namespace skiff::trace::hubble
