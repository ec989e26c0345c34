// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/proxy/announce_plan.h"
#include "agent/proxy/neighbour_frames.h"

namespace skiff::proxy {
namespace {

constexpr net::MacAddress kOurs = {2, 0, 0, 0, 0, 1};
constexpr net::MacAddress kTheirs = {2, 0, 0, 0, 0, 9};

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

NodePtr node(const char* name, bool ready = true) {
  api::Node node;
  node.metadata.name = name;
  auto& condition = node.status.conditions.emplace_back();
  condition.type = "Ready";
  condition.status = ready ? "True" : "Unknown";
  return std::make_shared<const api::Node>(std::move(node));
}

ServicePtr balanced(const char* address, bool local = false) {
  api::Service service;
  service.spec.type = "LoadBalancer";
  service.spec.externalTrafficPolicy = local ? "Local" : "Cluster";
  service.status.loadBalancer.ingress.push_back({.ip = address});
  auto& condition = service.status.conditions.emplace_back();
  condition.type = kPoolAddressCondition;
  condition.status = "True";
  return std::make_shared<const api::Service>(std::move(service));
}

std::vector<SlicePtr> endpoint_on(const char* node) {
  api::EndpointSlice slice;
  slice.endpoints.emplace_back().addresses = {"10.244.0.5"};
  slice.endpoints.back().nodeName = node;
  return {std::make_shared<const api::EndpointSlice>(std::move(slice))};
}

std::set<IpAddress> mine(const std::vector<ServicePtr>& services, const std::vector<NodePtr>& nodes,
                         const char* self, std::vector<SlicePtr> slices = {},
                         const std::vector<Cidr>& segments = {}) {
  return plan_announcements(
      services, nodes, [&](const api::Service&) { return slices; }, self, segments);
}

TEST(AnnouncePlan, EachAddressHasOneNode) {
  const std::vector<NodePtr> nodes = {node("a"), node("b"), node("c")};
  std::map<std::string, int> load;
  for (int i = 0; i < 90; ++i) {
    const ServicePtr service = balanced(fmt::format("10.89.0.{}", i + 1).c_str());
    int owners = 0;
    for (const char* name : {"a", "b", "c"}) {
      const bool own = !mine({service}, nodes, name).empty();
      owners += own;
      load[name] += own;
    }
    EXPECT_EQ(owners, 1) << i;
  }
  for (const auto& [name, count] : load) EXPECT_GT(count, 10) << name;
}

TEST(AnnouncePlan, ALostNodeMovesItsOwnAddressesOnly) {
  const std::vector<std::string> all = {"a", "b", "c"};
  const std::vector<std::string> left = {"a", "c"};
  for (uint32_t i = 0; i < 100; ++i) {
    const IpAddress address = IpAddress::v4(0x0a590000 + i);
    if (elected(address, all) != "b") EXPECT_EQ(elected(address, all), elected(address, left));
  }
  EXPECT_EQ(elected(ip("10.89.0.9"), {}), "");
}

TEST(AnnouncePlan, NodesThatAreNotReadyOrExcludedAnswerNothing) {
  api::Node excluded = *node("b");
  excluded.metadata.labels["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
  const std::vector<NodePtr> nodes = {node("a", false), std::make_shared<const api::Node>(excluded),
                                      node("c")};
  EXPECT_EQ(announcing_nodes(nodes, {}), (std::vector<std::string>{"c"}));
}

TEST(AnnouncePlan, PolicyLocalIsAnsweredWhereEndpointsAre) {
  const std::vector<NodePtr> nodes = {node("a"), node("b")};
  for (uint32_t i = 1; i < 20; ++i) {
    const ServicePtr service = balanced(fmt::format("10.89.0.{}", i).c_str(), true);
    EXPECT_TRUE(mine({service}, nodes, "a", endpoint_on("b")).empty());
    EXPECT_EQ(mine({service}, nodes, "b", endpoint_on("b")).size(), 1u);
    EXPECT_TRUE(mine({service}, nodes, "b").empty()) << "nobody could serve";
  }
}

NodePtr node_at(const char* name, const char* address) {
  api::Node placed = *node(name);
  placed.status.addresses.push_back({.type = "InternalIP", .address = address});
  return std::make_shared<const api::Node>(std::move(placed));
}

// Elected among all, an address could be that of a node whose answers its clients never hear.
TEST(AnnouncePlan, EachSegmentElectsAmongItsOwnNodes) {
  const std::vector<NodePtr> nodes = {node_at("a", "10.89.0.2"), node_at("b", "10.89.0.67"),
                                      node_at("c", "10.89.0.4")};
  const std::vector<Cidr> near = {*Cidr::parse("10.89.0.0/26")};
  const std::vector<Cidr> across = {*Cidr::parse("10.89.0.64/26")};
  for (uint32_t i = 40; i < 60; ++i) {
    const ServicePtr service = balanced(fmt::format("10.89.0.{}", i).c_str());
    EXPECT_EQ(
        mine({service}, nodes, "a", {}, near).size() + mine({service}, nodes, "c", {}, near).size(),
        1u);
    EXPECT_EQ(mine({service}, nodes, "b", {}, across).size(), 1u);
  }
}

TEST(AnnouncePlan, OnlyAddressesOfOurPools) {
  api::Service cloud = *balanced("203.0.113.5");
  cloud.status.conditions.clear();
  EXPECT_TRUE(mine({std::make_shared<const api::Service>(cloud)}, {node("a")}, "a").empty());
}

// A request for `wanted` as another host sends it: an announcement with the operation's fields
// changed.
Frame arp_request(const IpAddress& wanted) {
  Frame frame = announcement(ip("10.89.0.1"), kTheirs);
  std::copy_n(wanted.bytes().begin() + 12, 4, frame.end() - 4);
  return frame;
}

TEST(NeighbourFrames, AnArpRequestIsAnsweredToItsAsker) {
  const auto question = parse_arp(arp_request(ip("10.89.0.200")));
  ASSERT_TRUE(question);
  EXPECT_EQ(question->wanted, ip("10.89.0.200"));
  EXPECT_EQ(question->asker, ip("10.89.0.1"));
  EXPECT_EQ(question->asker_mac, kTheirs);
  const Frame reply = answer(*question, kOurs);
  const Frame expected = {2, 0, 0, 0, 0, 9, 2,  0,  0, 0,   0, 1, 8, 6,  // Ethernet
                          0, 1, 8, 0, 6, 4, 0,  2,                       // a reply
                          2, 0, 0, 0, 0, 1, 10, 89, 0, 200,              // is at
                          2, 0, 0, 0, 0, 9, 10, 89, 0, 1};               // to
  EXPECT_EQ(reply, expected);
  EXPECT_FALSE(parse_arp(reply)) << "a reply asks nothing";
}

TEST(NeighbourFrames, AnAnnouncementIsForEverybody) {
  const Frame frame = announcement(ip("10.89.0.200"), kOurs);
  EXPECT_TRUE(std::all_of(frame.begin(), frame.begin() + 6, [](uint8_t b) { return b == 0xff; }));
  const auto itself = parse_arp(frame);
  ASSERT_TRUE(itself);
  EXPECT_EQ(itself->wanted, itself->asker);
}

// An Ethernet, IPv6 and ICMPv6 frame whose checksum holds sums up to all ones.
uint16_t sum_of(const Frame& frame) {
  uint32_t sum = 58 + static_cast<uint32_t>(frame.size() - 54);
  for (size_t i = 22; i + 1 < frame.size(); i += 2) sum += uint32_t{frame[i]} << 8 | frame[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

TEST(NeighbourFrames, ASolicitationIsAnsweredWithAnAdvertisement) {
  Frame solicitation = announcement(ip("fd00::1"), kTheirs);
  solicitation[54] = 135;
  const IpAddress wanted = ip("fd00::200");
  std::copy(wanted.bytes().begin(), wanted.bytes().end(), solicitation.begin() + 62);
  const auto question = parse_solicitation(solicitation);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->wanted, wanted);
  EXPECT_EQ(question->asker, ip("fd00::1"));
  const Frame reply = answer(*question, kOurs);
  ASSERT_EQ(reply.size(), 86u);
  EXPECT_EQ(reply[54], 136);
  EXPECT_EQ(reply[58], 0x60) << "solicited, and to replace what is remembered";
  EXPECT_EQ(sum_of(reply), 0xffff);
  EXPECT_EQ(sum_of(announcement(wanted, kOurs)), 0xffff);
}

TEST(NeighbourFrames, WhatIsCutOrRoutedIsNotAnswered) {
  Frame arp = arp_request(ip("10.89.0.200"));
  arp.resize(40);
  EXPECT_FALSE(parse_arp(arp));
  Frame routed = announcement(ip("fd00::1"), kTheirs);
  routed[54] = 135;
  routed[21] = 254;
  EXPECT_FALSE(parse_solicitation(routed));
  EXPECT_FALSE(parse_solicitation({}));
}

}  // namespace
}  // namespace skiff::proxy
