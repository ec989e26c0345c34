// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/endpoint_choice.h"

#include <gtest/gtest.h>

namespace skiff::proxy {
namespace {

Backend backend(uint8_t last) {
  return {IpAddress::v4(0x0af40000 + last), 80};
}

// A ready endpoint elsewhere, without hints.
Candidate candidate(uint8_t last) {
  Candidate each;
  each.backend = backend(last);
  each.ready = each.serving = true;
  return each;
}

Candidate terminating(uint8_t last, bool serving = true) {
  Candidate each = candidate(last);
  each.ready = false;
  each.serving = serving;
  each.terminating = true;
  return each;
}

Candidate in_zone(uint8_t last, bool ours) {
  Candidate each = candidate(last);
  each.hints_zones = true;
  each.for_zone = ours;
  return each;
}

Candidate on_node(uint8_t last, bool ours, bool our_zone) {
  Candidate each = in_zone(last, our_zone);
  each.hints_nodes = true;
  each.for_node = each.local = ours;
  return each;
}

using Backends = std::vector<Backend>;

Backends serving(const std::vector<Candidate>& candidates) {
  return choose_endpoints(candidates).cluster.serving;
}

TEST(EndpointChoice, ReadyEndpointsServeEachOnce) {
  EXPECT_EQ(serving({candidate(2), candidate(1), candidate(2)}),
            (Backends{backend(1), backend(2)}));
}

TEST(EndpointChoice, TerminatingEndpointsServeOnlyWhenNobodyElseDoes) {
  EXPECT_EQ(serving({candidate(1), terminating(2)}), (Backends{backend(1)}));
  EXPECT_EQ(serving({terminating(2), terminating(3, false)}), (Backends{backend(2)}));
}

TEST(EndpointChoice, AReadyEndpointServesAlsoWhileItTerminates) {
  Candidate published = terminating(1);
  published.ready = true;  // publishNotReadyAddresses
  EXPECT_EQ(serving({published, candidate(2)}), (Backends{backend(1), backend(2)}));
}

TEST(EndpointChoice, PolicyLocalHasItsOwnLastResort) {
  Candidate here = terminating(1);
  here.local = true;
  const EndpointChoices choices = choose_endpoints(std::vector{here, candidate(2)});
  EXPECT_EQ(choices.local.serving, (Backends{backend(1)}));
  EXPECT_EQ(choices.cluster.serving, (Backends{backend(2)}));
}

TEST(EndpointChoice, AnyIsSaidEvenIfNoneIsLocal) {
  const EndpointChoices choices = choose_endpoints(std::vector{candidate(2)});
  EXPECT_TRUE(choices.local.serving.empty());
  EXPECT_TRUE(choices.any);
  EXPECT_FALSE(choose_endpoints(std::vector{terminating(1, false)}).any);
}

TEST(EndpointChoice, ZoneHintsKeepToTheZone) {
  EXPECT_EQ(serving({in_zone(1, true), in_zone(2, false)}), (Backends{backend(1)}));
}

TEST(EndpointChoice, AMissingHintMeansAll) {
  EXPECT_EQ(serving({in_zone(1, true), candidate(2)}), (Backends{backend(1), backend(2)}));
}

TEST(EndpointChoice, HintsOfEndpointsThatAreNotReadyDoNotCount) {
  EXPECT_EQ(serving({in_zone(1, true), in_zone(2, false), terminating(3)}), (Backends{backend(1)}));
}

TEST(EndpointChoice, HintsForOthersOnlyMeanAll) {
  EXPECT_EQ(serving({in_zone(1, false), in_zone(2, false)}), (Backends{backend(1), backend(2)}));
}

TEST(EndpointChoice, NodeHintsGoBeforeZoneHints) {
  EXPECT_EQ(serving({on_node(1, true, true), on_node(2, false, true), on_node(3, false, false)}),
            (Backends{backend(1)}));
  EXPECT_EQ(serving({on_node(2, false, true), on_node(3, false, false)}), (Backends{backend(2)}));
  EXPECT_EQ(serving({on_node(3, false, false)}), (Backends{backend(3)}));
}

TEST(EndpointChoice, WhatServesAndIsNotChosenDrains) {
  const EndpointChoices choices =
      choose_endpoints(std::vector{candidate(1), terminating(2), terminating(3, false)});
  EXPECT_EQ(choices.cluster.draining, (Backends{backend(2)}));
  EXPECT_EQ(choices.cluster.unready, (Backends{backend(3)}));
  EXPECT_EQ(choices.local.draining, (Backends{backend(1), backend(2)}))
      << "the policy may have changed under open connections";
  EXPECT_TRUE(choose_endpoints(std::vector{terminating(2)}).cluster.draining.empty())
      << "it serves";
}

TEST(EndpointChoice, LocalReadyCountsAddressesOfOneFamily) {
  api::EndpointSlice v4;
  api::EndpointSlice v6;
  for (const char* address : {"10.244.0.5", "10.244.0.6", "127.0.0.1"}) {
    v4.endpoints.emplace_back().addresses = {address};
    v4.endpoints.back().nodeName = "a";
  }
  v6.endpoints.emplace_back().addresses = {"fd00::5"};
  v6.endpoints.back().nodeName = "a";
  const std::vector<SlicePtr> slices = {std::make_shared<const api::EndpointSlice>(v4),
                                        std::make_shared<const api::EndpointSlice>(v6)};
  EXPECT_EQ(count_local_ready(slices, {.node = "a", .zone = "", .node_addresses = {}}), 2);
  EXPECT_EQ(count_local_ready(slices, {.node = "b", .zone = "", .node_addresses = {}}), 0);
}

}  // namespace
}  // namespace skiff::proxy
