// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::trace::hubble {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::shared_ptr<const api::Node> node(const char* name, std::vector<const char*> addresses) {
  auto made = std::make_shared<api::Node>();
  made->metadata.name = name;
  made->status.addresses.push_back({.type = "Hostname", .address = name});
  for (const char* address : addresses)
    made->status.addresses.push_back({.type = "InternalIP", .address = address});
  return made;
}

std::vector<std::string> text(const std::vector<peer::ChangeNotification>& changes) {
  std::vector<std::string> lines;
  for (const peer::ChangeNotification& change : changes)
    lines.push_back(fmt::format("{} {} {} {}", peer::ChangeNotificationType_Name(change.type()),
                                change.name(), change.address(), change.tls().server_name()));
  return lines;
}

TEST(HubblePeers, AreTheNodesAtTheirFirstAddress) {
  EXPECT_THAT(
      peers_of({node("a", {"10.0.0.1", "fd00::1"}), node("b", {"fd00::2"}), node("c", {})}, 4244),
      ElementsAre(Pair("a", "10.0.0.1:4244"), Pair("b", "[fd00::2]:4244")));
}

TEST(HubblePeers, AClientIsToldWhatChanged) {
  const PeerAddresses before = {
      {"a", "10.0.0.1:4244"}, {"b", "10.0.0.2:4244"}, {"c", "10.0.0.3:4244"}};
  const PeerAddresses now = {
      {"b", "10.0.0.9:4244"}, {"c", "10.0.0.3:4244"}, {"d", "10.0.0.4:4244"}};
  EXPECT_THAT(text(changes(before, now, "")),
              ElementsAre("PEER_DELETED a 10.0.0.1:4244 ", "PEER_UPDATED b 10.0.0.9:4244 ",
                          "PEER_ADDED d 10.0.0.4:4244 "));
  EXPECT_TRUE(changes(now, now, "").empty());
  EXPECT_FALSE(changes({}, now, "").front().has_tls());
}

TEST(HubblePeers, AreExpectedToProveTheNameOfTheirCertificate) {
  EXPECT_EQ(server_name_of("*", "node-1.example"), "node-1.example");
  EXPECT_EQ(server_name_of("*.default.hubble-grpc.cilium.io", "node-1.example"),
            "node-1-example.default.hubble-grpc.cilium.io");
  EXPECT_EQ(server_name_of("hubble.example", "node-1"), "hubble.example");
  EXPECT_THAT(text(changes({}, {{"a", "10.0.0.1:4244"}}, "*.x")),
              ElementsAre("PEER_ADDED a 10.0.0.1:4244 a.x"));
}

// What hubble-relay expects on the wire.
TEST(HubblePeers, HaveTheNumbersOfHubble) {
  const auto* change = peer::ChangeNotification::descriptor();
  EXPECT_EQ(change->full_name(), "peer.ChangeNotification");
  const std::pair<const char*, int> fields[] = {
      {"name", 1}, {"address", 2}, {"type", 3}, {"tls", 4}};
  for (const auto& [name, number] : fields)
    EXPECT_EQ(change->FindFieldByName(name)->number(), number);
  EXPECT_EQ(static_cast<int>(peer::PEER_ADDED), 1);
  EXPECT_EQ(static_cast<int>(peer::PEER_DELETED), 2);
  EXPECT_EQ(static_cast<int>(peer::PEER_UPDATED), 3);
}

}  // namespace
}  // namespace skiff::trace::hubble
