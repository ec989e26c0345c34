// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/node_plan.h"

#include <gtest/gtest.h>

namespace skiff::proxy {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

NodePtr node(const char* name, std::vector<const char*> addresses, bool ready = true) {
  api::Node made;
  made.metadata.name = name;
  made.metadata.labels["topology.kubernetes.io/zone"] = std::string("zone-of-") + name;
  for (const char* address : addresses)
    made.status.addresses.push_back({.type = "InternalIP", .address = address});
  made.status.addresses.push_back({.type = "Hostname", .address = name});
  api::NodeCondition condition;
  condition.type = "Ready";
  condition.status = ready ? "True" : "Unknown";
  made.status.conditions.push_back(condition);
  return std::make_shared<const api::Node>(made);
}

// "10.89.0.2 local", "10.89.0.3 without": of this node, without NodePorts.
std::vector<std::string> texts(const NodeView& view) {
  std::vector<std::string> list;
  for (const datapath::NodeAddress& each : view.addresses)
    list.push_back(each.address.to_string() + (each.local ? " local" : "") +
                   (each.node_ports ? "" : " without"));
  return list;
}

NodePortAddresses in(const std::vector<std::string>& ranges) {
  return NodePortAddresses::parse(ranges).value();
}

const std::vector<NodePtr> kNodes = {node("a", {"10.89.0.2", "fd00::2"}),
                                     node("b", {"10.89.0.3"}, false), node("c", {"10.89.0.4"})};
const std::vector<IpAddress> kOwn = {ip("127.0.0.1"), ip("10.89.0.2"),   ip("192.168.7.1"),
                                     ip("fe80::1"),   ip("203.0.113.5"), ip("fd00::2")};

TEST(NodeView, HasEveryNodesAddressesAndWhoIsLive) {
  const NodeView view = view_nodes(kNodes, "a", in({"primary"}), kOwn);
  EXPECT_EQ(texts(view), (std::vector<std::string>{"10.89.0.3", "10.89.0.4", "10.89.0.2 local",
                                                   "fd00::2 local"}));
  EXPECT_EQ(view.live, (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(view.zone, "zone-of-a");
  EXPECT_EQ(view.node_addresses.size(), 4u);
}

TEST(NodeView, ANodeIsLiveToItself) {
  EXPECT_TRUE(view_nodes(kNodes, "b", {}, {}).live.contains("b"));
}

TEST(NodeView, NodePortsByRangeAreServedAtAddressesOfThisMachineToo) {
  const NodeView view =
      view_nodes(kNodes, "a", in({"10.89.0.2/31", "192.168.0.0/16", "fe80::/10"}), kOwn);
  EXPECT_EQ(texts(view), (std::vector<std::string>{"10.89.0.3", "10.89.0.4 without",
                                                   "10.89.0.2 local", "192.168.7.1 local",
                                                   "10.89.0.2 local", "fd00::2 local without"}));
  EXPECT_FALSE(view.node_addresses.contains(ip("192.168.7.1"))) << "the API does not know it";
}

TEST(NodePortAddresses, LoopbackIsInWhereItIsNamed) {
  EXPECT_TRUE(in({"primary"}).contain_loopback());
  EXPECT_FALSE(in({"10.0.0.0/8"}).contain_loopback());
  EXPECT_TRUE(in({"10.0.0.0/8", "127.0.0.0/8"}).contain_loopback());
  EXPECT_TRUE(in({"::/0"}).contain_loopback());
}

TEST(NodePortAddresses, SayWhatWouldBeRight) {
  EXPECT_FALSE(NodePortAddresses::parse({}).ok());
  EXPECT_FALSE(NodePortAddresses::parse({"primary", "10.0.0.0/8"}).ok());
  EXPECT_FALSE(NodePortAddresses::parse({"10.0.0.0/33"}).ok());
}

}  // namespace
}  // namespace skiff::proxy
