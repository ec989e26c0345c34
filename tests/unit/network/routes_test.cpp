// SPDX-License-Identifier: Apache-2.0
#include "agent/network/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::network {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
Cidr cidr(std::string_view text) {
  return *Cidr::parse(text);
}

net::Route through(std::string_view range, std::string_view via) {
  return {.destination = cidr(range), .via = ip(via)};
}
net::Route unreachable(std::string_view range) {
  return {.destination = cidr(range), .kind = net::RouteKind::kUnreachable};
}

const PeerNode kSelf = {"a", {ip("10.89.0.2")}, {cidr("10.244.0.0/24")}};
const PeerNode kOther = {"b", {ip("10.89.0.3")}, {cidr("10.244.1.0/24")}};

const Fabric kOneSegment = {.segments = {cidr("10.89.0.0/24"), cidr("fd00:10:89::/64")},
                            .overlay_index = 7};
const PeerNode kAcross = {"c", {ip("10.89.1.2")}, {cidr("10.244.2.0/24")}};

net::Route across(std::string_view range, std::string_view source) {
  net::Route route = {.destination = cidr(range), .link_index = 7, .on_link = true};
  route.via = route.destination.is_v4() ? ip("169.254.1.1") : ip("fe80::1");
  if (!source.empty()) route.source = ip(source);
  return route;
}
Tunnel tunnel(std::string_view range, std::string_view remote, std::string_view local) {
  return {cidr(range), ip(remote), ip(local)};
}

TEST(PlanRoutes, LeadsToOtherNodesAndBlocksTheOwnRange) {
  const RoutePlan plan = plan_routes(std::vector{kSelf, kOther}, kSelf, kOneSegment, {});
  EXPECT_THAT(plan.replace,
              ElementsAre(unreachable("10.244.0.0/24"), through("10.244.1.0/24", "10.89.0.3")));
  EXPECT_THAT(plan.remove, IsEmpty());
  EXPECT_THAT(plan.skipped, IsEmpty());
}

TEST(PlanRoutes, ChangesNothingThatIsThere) {
  net::Route present = through("10.244.1.0/24", "10.89.0.3");
  present.link_index = 2;  // filled in by the kernel
  net::Route blocked = unreachable("10.244.0.0/24");
  blocked.metric = 1024;
  EXPECT_EQ(plan_routes(std::vector{kOther}, kSelf, kOneSegment, std::vector{present, blocked}),
            RoutePlan{});
}

TEST(PlanRoutes, FollowsANodeWhoseAddressChanged) {
  const net::Route old = through("10.244.1.0/24", "10.89.0.9");
  const RoutePlan plan = plan_routes(std::vector{kOther}, kSelf, kOneSegment, std::vector{old});
  EXPECT_THAT(plan.replace, ::testing::Contains(through("10.244.1.0/24", "10.89.0.3")));
  EXPECT_THAT(plan.remove, IsEmpty());
}

TEST(PlanRoutes, RemovesTheRoutesOfANodeThatLeft) {
  const net::Route old = through("10.244.7.0/24", "10.89.0.9");
  EXPECT_THAT(plan_routes({}, kSelf, kOneSegment, std::vector{old}).remove, ElementsAre(old));
}

TEST(PlanRoutes, LeavesTheRoutesOfSinglePodsAlone) {
  const net::Route pod = {.destination = cidr("10.244.0.5/32"), .link_index = 9};
  const net::Route pod6 = {.destination = cidr("fd00::5/128"), .link_index = 9};
  EXPECT_THAT(plan_routes({}, kSelf, kOneSegment, std::vector{pod, pod6}).remove, IsEmpty());
}

TEST(PlanRoutes, RoutesEachFamilyThroughItsOwn) {
  const PeerNode dual = {"b",
                         {ip("10.89.0.3"), ip("fd00:10:89::3")},
                         {cidr("10.244.1.0/24"), cidr("fd00:10:244:1::/64")}};
  EXPECT_THAT(plan_routes(std::vector{dual}, {"a", {}, {}}, kOneSegment, {}).replace,
              ::testing::UnorderedElementsAre(through("10.244.1.0/24", "10.89.0.3"),
                                              through("fd00:10:244:1::/64", "fd00:10:89::3")));
}

TEST(PlanRoutes, SaysWhyARangeGetsNoRoute) {
  const PeerNode no_v6 = {"b", {ip("10.89.0.3")}, {cidr("fd00:10:244:1::/64")}};
  const PeerNode thief = {"c", {ip("10.89.0.4")}, {cidr("10.244.0.0/16")}};
  const PeerNode far = {"d", {ip("10.89.9.4")}, {cidr("10.244.9.0/24")}};
  Fabric fabric = kOneSegment;
  fabric.overlay = OverlayMode::kNever;
  const RoutePlan plan = plan_routes(std::vector{thief, no_v6, far}, kSelf, fabric, {});
  EXPECT_THAT(plan.replace, ElementsAre(unreachable("10.244.0.0/24")));
  EXPECT_THAT(
      plan.skipped,
      ElementsAre(
          RoutePlan::Skipped{"b", cidr("fd00:10:244:1::/64"), "node b has no IPv6 InternalIP"},
          RoutePlan::Skipped{"c", cidr("10.244.0.0/16"), "overlaps a pod range of node a"},
          RoutePlan::Skipped{"d", cidr("10.244.9.0/24"),
                             "node d is on another segment and the overlay is off"}));
  EXPECT_THAT(plan.tunnels, IsEmpty());
}

TEST(PlanRoutes, CarriesClientsAlsoToNodesOnTheSegment) {
  Fabric fabric = kOneSegment;
  fabric.carries_clients = true;
  const RoutePlan plan = plan_routes(std::vector{kOther, kAcross}, kSelf, fabric, {});
  Tunnel routed = tunnel("10.244.1.0/24", "10.89.0.3", "10.89.0.2");
  routed.routed = true;
  EXPECT_THAT(plan.tunnels, ElementsAre(tunnel("10.89.1.2/32", "10.89.1.2", "10.89.0.2"), routed,
                                        tunnel("10.244.2.0/24", "10.89.1.2", "10.89.0.2")));
  EXPECT_THAT(plan.replace, ::testing::Contains(through("10.244.1.0/24", "10.89.0.3")));
}

TEST(PlanRoutes, OfTwoClaimantsTheFirstByNameWins) {
  const PeerNode late = {"z", {ip("10.89.0.9")}, {cidr("10.244.1.0/25")}};
  const RoutePlan plan = plan_routes(std::vector{late, kOther}, kSelf, kOneSegment, {});
  EXPECT_THAT(plan.replace,
              ElementsAre(unreachable("10.244.0.0/24"), through("10.244.1.0/24", "10.89.0.3")));
  ASSERT_EQ(plan.skipped.size(), 1u);
  EXPECT_EQ(plan.skipped[0].node, "z");
}

TEST(PlanRoutes, LeadsAcrossTheOverlayToOtherSegmentsOnly) {
  const RoutePlan plan = plan_routes(std::vector{kSelf, kOther, kAcross}, kSelf, kOneSegment, {});
  EXPECT_THAT(plan.replace,
              ElementsAre(unreachable("10.244.0.0/24"), through("10.244.1.0/24", "10.89.0.3"),
                          across("10.244.2.0/24", "10.89.0.2")));
  // Its own address, too: pods keep theirs on the way there.
  EXPECT_THAT(plan.tunnels, ElementsAre(tunnel("10.89.1.2/32", "10.89.1.2", "10.89.0.2"),
                                        tunnel("10.244.2.0/24", "10.89.1.2", "10.89.0.2")));
  EXPECT_THAT(plan.skipped, IsEmpty());
}

TEST(PlanRoutes, CarriesBothFamiliesOverTheOneThatNodesShare) {
  const PeerNode self = {"a", {ip("10.89.0.2")}, {}};
  const PeerNode no_v6 = {"b", {ip("10.89.0.3")}, {cidr("fd00:10:244:1::/64")}};
  const RoutePlan plan = plan_routes(std::vector{no_v6}, self, kOneSegment, {});
  EXPECT_THAT(plan.replace, ElementsAre(across("fd00:10:244:1::/64", "")));
  EXPECT_THAT(plan.tunnels, ElementsAre(tunnel("fd00:10:244:1::/64", "10.89.0.3", "10.89.0.2")));
}

TEST(PlanRoutes, PutsEveryoneAcrossTheOverlayWhenAsked) {
  Fabric fabric = kOneSegment;
  fabric.overlay = OverlayMode::kAlways;
  const RoutePlan plan = plan_routes(std::vector{kOther}, kSelf, fabric, {});
  EXPECT_THAT(plan.replace,
              ElementsAre(unreachable("10.244.0.0/24"), across("10.244.1.0/24", "10.89.0.2")));
}

TEST(PlanRoutes, MovesARouteToAnOverlayDeviceThatWasMadeAnew) {
  net::Route old = across("10.244.2.0/24", "10.89.0.2");
  old.link_index = 6;
  const RoutePlan plan = plan_routes(std::vector{kAcross}, kSelf, kOneSegment, std::vector{old});
  EXPECT_THAT(plan.replace, ::testing::Contains(across("10.244.2.0/24", "10.89.0.2")));
  EXPECT_THAT(plan.remove, IsEmpty());
}

TEST(OverlayMtu, LeavesRoomForTheLongestOuterHeader) {
  const std::vector over_v4 = {tunnel("10.244.2.0/24", "10.89.1.2", "10.89.0.2")};
  const std::vector over_v6 = {tunnel("10.244.2.0/24", "fd00::2", "fd00::1")};
  EXPECT_EQ(overlay_mtu(1500, over_v4), 1450u);
  EXPECT_EQ(overlay_mtu(1500, over_v6), 1430u);
}

}  // namespace
}  // namespace skiff::network
