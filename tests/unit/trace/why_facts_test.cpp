// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/why_facts.h"

#include <gtest/gtest.h>

#include "agent/datapath/memory_map.h"
#include "agent/trace/why_maps.h"

namespace skiff::trace {
namespace {

using datapath::to_abi;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(WhyFacts, TravelAsJson) {
  NodeFacts facts;
  facts.node = "node-1";
  facts.frontend.found = true;
  facts.frontend.backends = {"10.244.0.5:8080"};
  facts.routes.push_back({.destination = "10.244.0.5", .route = "", .problem = "no \"route\""});
  facts.probe.verdict = "refused";
  const auto back = decode_node_facts(encode(facts));
  ASSERT_TRUE(back.ok()) << message(back.status());
  EXPECT_EQ(encode(*back), encode(facts));
  EXPECT_EQ(back->routes[0].problem, "no \"route\"");
  EXPECT_FALSE(decode_node_facts("[]").ok());
  EXPECT_FALSE(decode_node_facts("{").ok());
}

class WhyMaps : public ::testing::Test {
 protected:
  datapath::Maps maps_ = datapath::memory_maps();
  WhyQuestion question_{.source = ip("10.244.0.5"), .destination = ip("10.96.0.7"), .port = 80};

  void add_frontend(uint32_t count, uint32_t flags = 0) {
    const datapath::FrontendKey key{.address = to_abi(ip("10.96.0.7")),
                                    .port = datapath::port_be(80),
                                    .protocol = 6,
                                    .scope = SKIFF_SCOPE_INTERNAL};
    for (uint32_t i = 0; i < count; ++i) {
      const datapath::Backend backend{.address = to_abi(ip("10.244.1.1").plus(i)),
                                      .port = datapath::port_be(8080)};
      ASSERT_TRUE(maps_.backends->put(10 + i, backend).ok());
    }
    const datapath::Frontend frontend{.service_id = 3, .base = 10, .count = count, .flags = flags};
    ASSERT_TRUE(maps_.frontends->put(key, frontend).ok());
  }
};

TEST_F(WhyMaps, ListTheBackendsOfTheFrontend) {
  add_frontend(2);
  const FrontendFact fact = frontend_fact(maps_, question_).value();
  EXPECT_TRUE(fact.found);
  EXPECT_EQ(fact.backends, (std::vector<std::string>{"10.244.1.1:8080", "10.244.1.2:8080"}));
}

TEST_F(WhyMaps, SayWhatHappensWithoutBackends) {
  add_frontend(0, SKIFF_FRONTEND_DROP_EMPTY);
  const FrontendFact fact = frontend_fact(maps_, question_).value();
  EXPECT_TRUE(fact.found && fact.drops_when_empty && fact.backends.empty());
}

TEST_F(WhyMaps, SeeNodePortsOnlyWhereTheNodeHasThem) {
  const datapath::FrontendKey key{.address = datapath::node_port_address(true),
                                  .port = datapath::port_be(30080),
                                  .protocol = 6,
                                  .scope = SKIFF_SCOPE_INTERNAL};
  ASSERT_TRUE(maps_.frontends->put(key, {.service_id = 3}).ok());
  const WhyQuestion asked{
      .source = ip("10.244.0.5"), .destination = ip("10.89.0.2"), .port = 30080};
  for (const uint32_t flags : {0U, uint32_t{SKIFF_NODE_NO_NODE_PORTS}}) {
    ASSERT_TRUE(maps_.nodes->put(to_abi(asked.destination), {.flags = flags}).ok());
    EXPECT_EQ(frontend_fact(maps_, asked)->found, flags == 0);
  }
}

template <class K, class V>
void refuse_reads(datapath::Maps::Table<K, V>& table) {
  static_cast<datapath::MemoryMap<K, V>&>(*table).refuses_reads = true;
}

TEST_F(WhyMaps, ThatCannotBeReadAreErrorsAndNoAnswers) {
  add_frontend(2);
  refuse_reads(maps_.backends);
  EXPECT_FALSE(frontend_fact(maps_, question_).ok());
  EXPECT_FALSE(route_facts(maps_, question_, {}).ok());
  EXPECT_FALSE(final_destinations(maps_, question_).ok());
  refuse_reads(maps_.frontends);
  EXPECT_FALSE(frontend_fact(maps_, question_).ok());
  refuse_reads(maps_.new_flows);
  EXPECT_FALSE(flow_facts(maps_, question_).ok());
}

TEST_F(WhyMaps, FindTheFlowThatWasSeenLast) {
  for (const uint16_t port : {1000, 2000}) {
    datapath::Flow flow{};
    flow.last_seen_ns = port;
    flow.original = {.source = to_abi(question_.source),
                     .destination = to_abi(question_.destination),
                     .source_port = datapath::port_be(port),
                     .destination_port = datapath::port_be(80),
                     .protocol = 6,
                     .pad = {}};
    flow.translated = flow.original;
    flow.translated.destination = to_abi(ip("10.244.1.1"));
    flow.flags = SKIFF_FLOW_REPLIED | SKIFF_FLOW_ESTABLISHED;
    ASSERT_TRUE(maps_.flows->put(flow.translated, flow).ok());
  }
  const auto flows = flow_facts(maps_, question_).value();
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].original, "10.244.0.5:2000 -> 10.96.0.7:80");
  EXPECT_EQ(flows[0].translated, "10.244.0.5:2000 -> 10.244.1.1:80");
  EXPECT_EQ(flows[0].state, "established");
}

}  // namespace
}  // namespace skiff::trace
