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

api::EndpointSlice slice_of(std::vector<api::Endpoint> endpoints) {
  api::EndpointSlice slice;
  slice.addressType = "IPv4";
  slice.ports.emplace_back().port = 80;
  slice.endpoints = std::move(endpoints);
  return slice;
}

api::Endpoint endpoint_on(const char* node, const char* address, bool terminating = false) {
  api::Endpoint endpoint;
  endpoint.addresses = {address};
  if (*node != '\0') endpoint.nodeName = node;
  endpoint.conditions.terminating = terminating;
  endpoint.conditions.ready = !terminating;
  return endpoint;
}

TEST(EndpointChoice, EndpointsThatEndOrWhoseNodeIsLostAreLeaving) {
  const std::vector<SlicePtr> slices = {std::make_shared<const api::EndpointSlice>(
      slice_of({endpoint_on("a", "10.244.0.5"), endpoint_on("a", "10.244.0.6", true),
                endpoint_on("lost", "10.244.1.5"), endpoint_on("", "192.0.2.1")}))};
  Viewpoint from{.node = "a", .zone = "", .node_addresses = {}};
  const auto leaving = [&] {
    std::vector<bool> each;
    for (const Candidate& candidate : candidates_of({}, true, slices, from))
      each.push_back(candidate.backend.leaving);
    return each;
  };
  EXPECT_EQ(leaving(), (std::vector<bool>{false, true, false, false})) << "nodes are not known yet";
  from.live_nodes = std::set<std::string>{"a"};
  EXPECT_EQ(leaving(), (std::vector<bool>{false, true, true, false}));
}

Candidate weighing(uint8_t last, uint32_t weight) {
  Candidate each = candidate(last);
  each.weight = weight;
  return each;
}

Backend share(uint8_t last, uint32_t weight) {
  Backend each = backend(last);
  each.weight = weight;
  return each;
}

TEST(EndpointChoice, WeightsAreSharesOfTheNewClients) {
  EXPECT_EQ(serving({weighing(1, 300), candidate(2)}), (Backends{share(1, 300), share(2, 100)}));
  EXPECT_EQ(serving({weighing(1, 300), weighing(2, 300)}), (Backends{backend(1), backend(2)}))
      << "equal";
}

TEST(EndpointChoice, WithoutWeightAnEndpointDrains) {
  const EndpointChoices choices = choose_endpoints(std::vector{weighing(1, 0), candidate(2)});
  EXPECT_EQ(choices.cluster.serving, (Backends{backend(2)}));
  EXPECT_EQ(choices.cluster.draining, (Backends{backend(1)}));
  EXPECT_TRUE(serving({weighing(1, 0)}).empty()) << "nobody wants clients: refused";
  Candidate last = terminating(1);
  last.weight = 0;
  EXPECT_TRUE(serving({last}).empty());
}

TEST(EndpointChoice, HintsOfEndpointsWithoutWeightDoNotCount) {
  Candidate unhinted = weighing(3, 0);
  EXPECT_EQ(serving({in_zone(1, true), in_zone(2, false), unhinted}), (Backends{backend(1)}));
}

TEST(EndpointChoice, SaysWhereItKeepsToTheNode) {
  const EndpointChoices choices = choose_endpoints(std::vector{candidate(1)});
  EXPECT_FALSE(choices.cluster.keeps_to_node);
  EXPECT_TRUE(choices.local.keeps_to_node);
  EXPECT_TRUE(choose_endpoints(std::vector{on_node(1, true, true)}).cluster.keeps_to_node);
  EXPECT_FALSE(choose_endpoints(std::vector{in_zone(1, true)}).cluster.keeps_to_node);
}

TEST(EndpointChoice, ASliceSaysTheWeightOfItsEndpoints) {
  api::EndpointSlice slice = slice_of({endpoint_on("a", "10.244.0.5")});
  EXPECT_EQ(weight_of(slice).value(), 100u);
  slice.metadata.annotations["skiff.io/weight"] = "0";
  EXPECT_EQ(weight_of(slice).value(), 0u);
  EXPECT_EQ(
      count_local_ready(std::vector<SlicePtr>{std::make_shared<const api::EndpointSlice>(slice)},
                        {.node = "a", .zone = "", .node_addresses = {}}),
      0)
      << "a load balancer sends nobody";
  for (const char* bad : {"", "-1", "1001", "heavy", "10 ", "1.5", "99999999999"}) {
    slice.metadata.annotations["skiff.io/weight"] = bad;
    const auto weight = weight_of(slice);
    ASSERT_FALSE(weight.ok()) << bad;
    EXPECT_EQ(message(weight.status()), fmt::format("\"{}\": want a number from 0 to 1000", bad));
  }
}

TEST(EndpointChoice, AnEndpointInTwoSlicesIsTheOneThatStays) {
  Candidate ends = candidate(1);
  ends.backend.leaving = true;
  EXPECT_EQ(serving({ends, candidate(1)}), (Backends{backend(1)}));
  Candidate drains = terminating(1);
  drains.backend.leaving = true;
  const EndpointChoices choices = choose_endpoints(std::vector{candidate(1), drains});
  EXPECT_EQ(choices.cluster.serving, (Backends{backend(1)}));
  EXPECT_TRUE(choices.cluster.draining.empty());
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
