// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/trace/api.h"
#include "agent/trace/format.h"
#include "agent/trace/record_builder.h"
#include "agent/trace/record_json.h"
#include "tests/unit/trace/table_names.h"

namespace skiff::trace {
namespace {

class RecordTest : public ::testing::Test {
 protected:
  static FlowEvent flow(uint8_t kind, uint8_t hook) {
    FlowEvent event{};
    event.header.kind = kind;
    event.header.hook = hook;
    event.header.time_ns = 1'500'000'000;
    event.header.netns_cookie = 1;
    event.header.ifindex = 12;
    return event;
  }
  TableNames names_;
  RecordBuilder builder_{"node-1", names_, TimePoint(std::chrono::seconds(1'700'000'000))};
};

TEST_F(RecordTest, ASocketsChoiceNamesClientServiceAndBackend) {
  FlowEvent event = flow(SKIFF_TRACE_TRANSLATED, SKIFF_HOOK_SOCKET);
  event.header.netns_cookie = 7;
  event.header.ifindex = 0;
  event.original = tuple("::", 0, "10.96.0.20", 80);
  event.translated = tuple("::", 0, "10.244.1.7", 8080);
  event.service_id = 3;
  event.lb_reason = SKIFF_LB_CHOSEN;
  const FlowRecord record = builder_.build(event);
  EXPECT_EQ(compact(record),
            "22:13:21.500000 node-1 default/client => shop/web:http (10.96.0.20:80) => "
            "shop/web-7f9c:8080 TCP translated TRANSLATED (chosen) " +
                fmt::format("{:06x}", record.id & 0xffffff));
  EXPECT_EQ(record.verdict, Verdict::kTranslated);
  EXPECT_EQ(record.direction, Direction::kEgress);
  EXPECT_EQ(record.pod_here, "default/client");
}

TEST_F(RecordTest, ARefusalSaysWhichServiceAndWhy) {
  FlowEvent event = flow(SKIFF_TRACE_REFUSED, SKIFF_HOOK_FROM_POD);
  event.original = event.translated = tuple("10.244.0.5", 40122, "10.96.0.20", 80);
  event.header.tcp_flags = 2;
  event.reason = SKIFF_REASON_NO_ENDPOINTS;
  event.lb_reason = SKIFF_LB_NO_BACKEND;
  const FlowRecord record = builder_.build(event);
  EXPECT_EQ(
      compact(record),
      "22:13:21.500000 node-1 default/client:40122 => shop/web:http (10.96.0.20:80) TCP refused "
      "REFUSED no_endpoints (no-backend) [SYN] " +
          fmt::format("{:06x}", record.id & 0xffffff));
}

TEST_F(RecordTest, AClosedFlowTellsWhatWasCounted) {
  FlowEvent event = flow(SKIFF_TRACE_CLOSED, SKIFF_HOOK_FROM_DEVICE);
  event.header.ifindex = 2;
  event.original = tuple("203.0.113.9", 5555, "10.89.0.2", 30080);
  event.translated = tuple("10.89.0.2", 61001, "10.244.1.7", 8080);
  event.created_ns = 1'000'000'000;
  event.packets[0] = 10;
  event.packets[1] = 8;
  event.bytes[0] = 1200;
  event.bytes[1] = 5'000'000;
  event.header.tcp_flags = 0x11;
  const FlowRecord record = builder_.build(event);
  EXPECT_EQ(record.age, std::chrono::milliseconds(500));
  EXPECT_EQ(
      compact(record),
      "22:13:21.500000 node-1 203.0.113.9:5555 (as 10.89.0.2:61001) => shop/web-7f9c:8080 TCP "
      "closed FORWARDED [FIN, ACK] 10/8 packets 1.2 KB/5.0 MB after 500.0 ms " +
          fmt::format("{:06x}", record.id & 0xffffff));
}

TEST_F(RecordTest, AKernelDropSaysReasonPlaceAndWay) {
  DropEvent event{};
  event.header.kind = SKIFF_TRACE_KERNEL_DROP;
  event.header.hook = SKIFF_HOOK_KERNEL;
  event.header.time_ns = 1'500'000'000;
  event.header.netns_cookie = 7;
  event.header.ifindex = 2;
  event.header.length = 60;
  event.tuple = tuple("10.244.1.7", 53, "10.244.0.5", 40000, 17);
  event.location = 0x3e8;
  event.reason = 5;
  event.stack_count = 2;
  event.stack[0] = 0x3e8;
  event.stack[1] = 0x10;
  const FlowRecord record = builder_.build(event);
  EXPECT_EQ(
      wide(record),
      "22:13:21.500000 node-1 shop/web-7f9c:53 => default/client:40000 UDP kernel-dropped DROPPED "
      "NETFILTER_DROP at function+0x3e8 " +
          fmt::format("{:06x}", record.id & 0xffffff) +
          "\n    as sent     10.244.1.7:53 -> 10.244.0.5:40000"
          "\n    as left     10.244.1.7:53 -> 10.244.0.5:40000"
          "\n    at          function+0x3e8 eth0 (ifindex 2) of default/client, ingress"
          "\n    counted     1/0 packets, 60 B/0 B"
          "\n        function+0x3e8"
          "\n        function+0x10");
}

TEST_F(RecordTest, BothDirectionsOfAFlowHaveOneId) {
  EXPECT_EQ(flow_id(tuple("10.0.0.1", 1, "10.0.0.2", 2)),
            flow_id(tuple("10.0.0.2", 2, "10.0.0.1", 1)));
  EXPECT_NE(flow_id(tuple("10.0.0.1", 1, "10.0.0.2", 2)),
            flow_id(tuple("10.0.0.1", 1, "10.0.0.2", 2, 17)));
}

TEST_F(RecordTest, ADeniedFlowNamesThePoliciesThatDeny) {
  names_.policy_names[TableNames::ip("10.244.1.7")] = {.egress = {},
                                                       .ingress = {"shop/deny", "shop/web"}};
  FlowEvent event = flow(SKIFF_TRACE_DROPPED, SKIFF_HOOK_FROM_DEVICE);
  event.original = event.translated = tuple("10.244.0.5", 40122, "10.244.1.7", 8080);
  event.reason = SKIFF_REASON_POLICY_INGRESS;
  const FlowRecord denied = builder_.build(event);
  EXPECT_NE(compact(denied).find("DROPPED policy_ingress of shop/deny, shop/web"),
            std::string::npos)
      << compact(denied);
  event.header.kind = SKIFF_TRACE_NEW;
  event.reason = SKIFF_REASON_NONE;
  const FlowRecord allowed = builder_.build(event);
  EXPECT_NE(wide(allowed).find("ingress     allowed by shop/deny, shop/web"), std::string::npos);
  EXPECT_EQ(decode_json(encode_json(allowed)).value().policies, allowed.policies);
}

TEST_F(RecordTest, EveryReasonHasALabel) {
  for (int reason = 1; reason < SKIFF_REASON_COUNT; ++reason) {
    FlowEvent event = flow(SKIFF_TRACE_DROPPED, SKIFF_HOOK_FROM_POD);
    event.reason = static_cast<uint8_t>(reason);
    EXPECT_FALSE(builder_.build(event).reason.empty()) << reason;
  }
}

TEST_F(RecordTest, EveryChoiceOfABackendHasALabel) {
  for (int reason = SKIFF_LB_NONE + 1; reason < SKIFF_LB_COUNT; ++reason) {
    FlowEvent event = flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD);
    event.lb_reason = static_cast<uint8_t>(reason);
    EXPECT_FALSE(builder_.build(event).lb_reason.empty()) << reason;
  }
}

TEST_F(RecordTest, AQuestionToTheDnsIsARecord) {
  DnsEvent event{.client = TableNames::ip("10.244.0.5"),
                 .server = TableNames::ip("10.96.0.10"),
                 .client_port = 40000,
                 .name = "web.shop.svc.cluster.local.",
                 .type = "A",
                 .rcode = "NOERROR",
                 .addresses = {TableNames::ip("10.96.0.20")},
                 .took_ns = 85'000};
  event.header.time_ns = 1'500'000'000;
  const FlowRecord record = builder_.build(event);
  EXPECT_EQ(compact(record),
            "22:13:21.500000 node-1 default/client:40000 => DNS A web.shop.svc.cluster.local. "
            "NOERROR 10.96.0.20 in 85 us " +
                fmt::format("{:06x}", record.id & 0xffffff));
  const FlowRecord back = decode_json(encode_json(record)).value();
  EXPECT_EQ(*back.dns, *record.dns);
  event.rcode = "NXDOMAIN";
  EXPECT_EQ(builder_.build(event).reason, "NXDOMAIN");
}

TEST_F(RecordTest, JsonKeepsEverything) {
  FlowEvent event = flow(SKIFF_TRACE_NEW, SKIFF_HOOK_FROM_POD);
  event.original = tuple("10.244.0.5", 40122, "10.96.0.20", 80);
  event.translated = tuple("10.244.0.5", 40122, "10.244.1.7", 8080);
  event.service_id = 9;
  event.lb_reason = SKIFF_LB_ONLY;
  event.header.suppressed = 4;
  event.header.length = 74;
  event.packets[0] = 1;
  FlowRecord record = builder_.build(event);
  record.stack = {"a+0x1", "b+0x2"};
  const std::string text = encode_json(record);
  const auto back = decode_json(text);
  ASSERT_TRUE(back.ok()) << message(back.status());
  EXPECT_EQ(encode_json(*back), text);
  EXPECT_EQ(wide(*back), wide(record));
  EXPECT_FALSE(decode_json("[]").ok());
  EXPECT_FALSE(decode_json("{").ok());
}

TEST(DescribePacket, SaysPortsWhereThereAre) {
  const auto tuple = [](const char* from, uint16_t from_port, const char* to, uint16_t to_port,
                        uint8_t protocol) {
    return skiff_tuple{.source = datapath::to_abi(IpAddress::parse(from).value()),
                       .destination = datapath::to_abi(IpAddress::parse(to).value()),
                       .source_port = datapath::port_be(from_port),
                       .destination_port = datapath::port_be(to_port),
                       .protocol = protocol,
                       .pad = {}};
  };
  EXPECT_EQ(describe_packet(tuple("10.0.0.1", 53, "10.0.0.2", 40000, 17)),
            "UDP 10.0.0.1:53 -> 10.0.0.2:40000");
  EXPECT_EQ(describe_packet(tuple("fd00::1", 53, "fd00::2", 40000, 6)),
            "TCP [fd00::1]:53 -> [fd00::2]:40000");
  EXPECT_EQ(describe_packet(tuple("::", 0, "ff02::16", 0, 58)), "ICMPv6 :: -> ff02::16");
}

TEST(RecordText, AddressesOfSixKeepTheirPortApart) {
  const Peer peer{.address = TableNames::ip("fd00::1"), .port = 80, .who = {}};
  EXPECT_EQ(describe(peer), "[fd00::1]:80");
  EXPECT_EQ(describe(Peer{}), "?");
}

}  // namespace
}  // namespace skiff::trace
