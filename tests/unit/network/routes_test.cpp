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

TEST(PlanRoutes, LeadsToOtherNodesAndBlocksTheOwnRange) {
  const RoutePlan plan = plan_routes(std::vector{kSelf, kOther}, kSelf, {});
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
  EXPECT_EQ(plan_routes(std::vector{kOther}, kSelf, std::vector{present, blocked}), RoutePlan{});
}

TEST(PlanRoutes, FollowsANodeWhoseAddressChanged) {
  const net::Route old = through("10.244.1.0/24", "10.89.0.9");
  const RoutePlan plan = plan_routes(std::vector{kOther}, kSelf, std::vector{old});
  EXPECT_THAT(plan.replace, ::testing::Contains(through("10.244.1.0/24", "10.89.0.3")));
  EXPECT_THAT(plan.remove, IsEmpty());
}

TEST(PlanRoutes, RemovesTheRoutesOfANodeThatLeft) {
  const net::Route old = through("10.244.7.0/24", "10.89.0.9");
  EXPECT_THAT(plan_routes({}, kSelf, std::vector{old}).remove, ElementsAre(old));
}

TEST(PlanRoutes, LeavesTheRoutesOfSinglePodsAlone) {
  const net::Route pod = {.destination = cidr("10.244.0.5/32"), .link_index = 9};
  const net::Route pod6 = {.destination = cidr("fd00::5/128"), .link_index = 9};
  EXPECT_THAT(plan_routes({}, kSelf, std::vector{pod, pod6}).remove, IsEmpty());
}

TEST(PlanRoutes, RoutesEachFamilyThroughItsOwn) {
  const PeerNode dual = {"b",
                         {ip("10.89.0.3"), ip("fd00:10:89::3")},
                         {cidr("10.244.1.0/24"), cidr("fd00:10:244:1::/64")}};
  EXPECT_THAT(plan_routes(std::vector{dual}, {"a", {}, {}}, {}).replace,
              ::testing::UnorderedElementsAre(through("10.244.1.0/24", "10.89.0.3"),
                                              through("fd00:10:244:1::/64", "fd00:10:89::3")));
}

TEST(PlanRoutes, SaysWhyARangeGetsNoRoute) {
  const PeerNode no_v6 = {"b", {ip("10.89.0.3")}, {cidr("fd00:10:244:1::/64")}};
  const PeerNode thief = {"c", {ip("10.89.0.4")}, {cidr("10.244.0.0/16")}};
  const RoutePlan plan = plan_routes(std::vector{thief, no_v6}, kSelf, {});
  EXPECT_THAT(plan.replace, ElementsAre(unreachable("10.244.0.0/24")));
  EXPECT_THAT(
      plan.skipped,
      ElementsAre(
          RoutePlan::Skipped{"b", cidr("fd00:10:244:1::/64"), "node b has no IPv6 InternalIP"},
          RoutePlan::Skipped{"c", cidr("10.244.0.0/16"), "overlaps a pod range of node a"}));
}

TEST(PlanRoutes, OfTwoClaimantsTheFirstByNameWins) {
  const PeerNode late = {"z", {ip("10.89.0.9")}, {cidr("10.244.1.0/25")}};
  const RoutePlan plan = plan_routes(std::vector{late, kOther}, kSelf, {});
  EXPECT_THAT(plan.replace,
              ElementsAre(unreachable("10.244.0.0/24"), through("10.244.1.0/24", "10.89.0.3")));
  ASSERT_EQ(plan.skipped.size(), 1u);
  EXPECT_EQ(plan.skipped[0].node, "z");
}

}  // namespace
}  // namespace skiff::network
