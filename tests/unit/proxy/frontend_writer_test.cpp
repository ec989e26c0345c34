// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/frontend_writer.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "agent/datapath/memory_map.h"
#include "agent/proxy/stale_sockets.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const std::string& text) {
  return IpAddress::parse(text).value();
}

Frontend frontend(const char* address, std::vector<Backend> backends,
                  const char* service = "shop/web:http") {
  return {.key = {ip(address), 80, IPPROTO_TCP, Scope::kInternal},
          .service = service,
          .backends = std::move(backends)};
}

class FrontendWriterTest : public testing::Test {
 protected:
  std::optional<datapath::Frontend> entry(const char* address) {
    datapath::FrontendKey key{};
    key.address = datapath::to_abi(ip(address));
    key.port = datapath::port_be(80);
    key.protocol = IPPROTO_TCP;
    return maps_.frontends->get(key).value();
  }
  std::vector<std::string> backends(const char* address) {
    std::vector<std::string> list;
    const auto found = entry(address);
    for (uint32_t i = 0; found && i < found->count; ++i) {
      const auto backend = maps_.backends->get(found->base + i).value();
      list.push_back(datapath::from_abi(backend->address).to_string());
    }
    return list;
  }

  FakeClock clock_;
  datapath::Maps maps_ = datapath::memory_maps();
  FrontendWriter writer_{maps_, clock_};
};

TEST_F(FrontendWriterTest, WritesTheRangeThatTheEntryNames) {
  ASSERT_TRUE(writer_
                  .apply("shop/web",
                         {frontend("10.96.0.1", {{ip("10.244.0.5"), 80}, {ip("10.244.0.6"), 80}})})
                  .ok());
  EXPECT_EQ(backends("10.96.0.1"), (std::vector<std::string>{"10.244.0.5", "10.244.0.6"}));
}

TEST_F(FrontendWriterTest, AChangeTakesAnotherRangeAndKeepsTheId) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.1", {{ip("10.244.0.5"), 80}})}).ok());
  const auto before = entry("10.96.0.1").value();
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.1", {{ip("10.244.0.6"), 80}})}).ok());
  const auto after = entry("10.96.0.1").value();
  EXPECT_NE(after.base, before.base) << "a packet may be reading the old range";
  EXPECT_EQ(after.service_id, before.service_id);
  EXPECT_NE(after.generation, before.generation) << "a backend left";
}

TEST_F(FrontendWriterTest, AddingABackendKeepsTheGeneration) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.1", {{ip("10.244.0.5"), 80}})}).ok());
  const auto before = entry("10.96.0.1").value();
  ASSERT_TRUE(writer_
                  .apply("shop/web",
                         {frontend("10.96.0.1", {{ip("10.244.0.5"), 80}, {ip("10.244.0.6"), 80}})})
                  .ok());
  EXPECT_EQ(entry("10.96.0.1")->generation, before.generation);
}

TEST_F(FrontendWriterTest, RemovesWhatIsNoLongerWanted) {
  ASSERT_TRUE(
      writer_.apply("shop/web", {frontend("10.96.0.1", {}), frontend("10.96.0.2", {})}).ok());
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.2", {})}).ok());
  EXPECT_FALSE(entry("10.96.0.1"));
  EXPECT_TRUE(entry("10.96.0.2"));
  ASSERT_TRUE(writer_.apply("shop/web", {}).ok());
  EXPECT_EQ(writer_.size(), 0u);
}

TEST_F(FrontendWriterTest, AnAddressOfAnotherServiceIsRefusedByName) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.1", {})}).ok());
  const Status refused =
      writer_.apply("shop/other", {frontend("10.96.0.1", {}, "shop/other:http")});
  EXPECT_EQ(refused.code(), StatusCode::kAlreadyExists);
  EXPECT_NE(message(refused).find("shop/web"), std::string_view::npos);
}

TEST_F(FrontendWriterTest, ARestartKeepsIdsAndPrunesOnlyWhatNobodyClaims) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.1", {{ip("10.244.0.5"), 80}})}).ok());
  ASSERT_TRUE(writer_.apply("shop/gone", {frontend("10.96.0.2", {}, "shop/gone:http")}).ok());
  const auto before = entry("10.96.0.1").value();

  FrontendWriter restarted(maps_, clock_);
  ASSERT_TRUE(restarted.restore().ok());
  ASSERT_TRUE(restarted.apply("shop/web", {frontend("10.96.0.1", {{ip("10.244.0.5"), 80}})}).ok());
  const auto after = entry("10.96.0.1").value();
  EXPECT_EQ(std::memcmp(&before, &after, sizeof(before)), 0)
      << "nothing may be rewritten that is right";
  EXPECT_TRUE(entry("10.96.0.2"));
  ASSERT_TRUE(restarted.prune().ok());
  EXPECT_FALSE(entry("10.96.0.2"));
  EXPECT_TRUE(entry("10.96.0.1"));
}

TEST_F(FrontendWriterTest, NodePortsAreReservedWhileTheyAreServed) {
  Frontend node_port = frontend("0.0.0.0", {});
  node_port.key.port = 30080;
  node_port.node_port = true;
  ASSERT_TRUE(writer_.apply("shop/web", {node_port}).ok());
  EXPECT_EQ(maps_.reserved_ports->get(30080 / 64).value(), uint64_t{1} << (30080 % 64));
  ASSERT_TRUE(writer_.apply("shop/web", {}).ok());
  EXPECT_EQ(maps_.reserved_ports->get(30080 / 64).value(), 0u);
}

TEST_F(FrontendWriterTest, KnowsWhichDatagramSocketsHaveLostTheirBackend) {
  const auto socket_address = [](const char* address, uint16_t port) {
    datapath::SocketAddress at{};
    at.address = datapath::to_abi(ip(address));
    at.port = datapath::port_be(port);
    return at;
  };
  Frontend cluster_ip = frontend("10.96.0.1", {{ip("10.244.0.5"), 53}, {ip("10.244.0.6"), 53}});
  cluster_ip.key.protocol = IPPROTO_UDP;
  Frontend node_port = cluster_ip;
  node_port.key.address = IpAddress::v4(0);
  node_port.key.port = 30053;
  ASSERT_TRUE(writer_.apply("shop/dns", {cluster_ip, node_port}).ok());
  EXPECT_TRUE(writer_.take_lost().datagrams) << "what left before this agent started";
  EXPECT_TRUE(writer_.take_lost().empty());

  const auto asked = socket_address("10.96.0.1", 80);
  const auto asked_node = socket_address("10.89.0.3", 30053);
  const auto gone = socket_address("10.244.0.6", 53);
  EXPECT_TRUE(writer_.serves(asked, IPPROTO_UDP, gone));
  EXPECT_TRUE(writer_.serves(asked_node, IPPROTO_UDP, gone));
  cluster_ip.backends.pop_back();
  node_port.backends.pop_back();
  ASSERT_TRUE(writer_.apply("shop/dns", {cluster_ip, node_port}).ok());
  EXPECT_TRUE(writer_.take_lost().datagrams);
  EXPECT_FALSE(writer_.serves(asked, IPPROTO_UDP, gone));
  EXPECT_FALSE(writer_.serves(asked_node, IPPROTO_UDP, gone));
  EXPECT_TRUE(writer_.serves(asked, IPPROTO_UDP, socket_address("10.244.0.5", 53)));
  ASSERT_TRUE(writer_.apply("shop/dns", {}).ok());
  EXPECT_TRUE(writer_.take_lost().datagrams);
  EXPECT_FALSE(writer_.serves(asked, IPPROTO_UDP, socket_address("10.244.0.5", 53)));
}

class LostConnections : public FrontendWriterTest {
 protected:
  static Backend at(const char* address, bool leaving = false) {
    return {.address = ip(address), .port = 80, .leaving = leaving};
  }
  Frontend web(std::vector<Backend> serving, std::vector<Backend> draining = {}) {
    Frontend made = frontend("10.96.0.1", std::move(serving));
    made.draining = std::move(draining);
    return made;
  }
  std::vector<std::string> lost() {
    std::vector<std::string> places;
    for (const datapath::SocketAddress& each : writer_.take_lost().connections)
      places.push_back(datapath::from_abi(each.address).to_string());
    return places;
  }
  void apply(const Frontend& wanted) {
    const Status applied = writer_.apply("shop/web", {wanted});
    ASSERT_TRUE(applied.ok()) << applied;
  }
};

TEST_F(LostConnections, ThoseOfAPodThatEndedAndIsNoEndpointAnyMore) {
  apply(web({at("10.244.0.5"), at("10.244.0.6")}));
  apply(web({at("10.244.0.5")}, {at("10.244.0.6", true)}));
  EXPECT_EQ(lost(), std::vector<std::string>{}) << "it drains";
  apply(web({at("10.244.0.5")}));
  EXPECT_EQ(lost(), std::vector<std::string>{"10.244.0.6"});
  EXPECT_EQ(lost(), std::vector<std::string>{});
}

TEST_F(LostConnections, AlsoIfItServedAsTheLastResort) {
  apply(web({at("10.244.0.6", true)}));
  apply(web({at("10.244.0.5")}));
  EXPECT_EQ(lost(), std::vector<std::string>{"10.244.0.6"});
}

TEST_F(LostConnections, NotOfAPodThatWasOnlyTakenOutOfTheService) {
  apply(web({at("10.244.0.5"), at("10.244.0.6")}));
  apply(web({at("10.244.0.5")}));
  EXPECT_EQ(lost(), std::vector<std::string>{});
}

TEST_F(LostConnections, NotWhenTheServiceGoesBeforeItsPods) {
  apply(web({at("10.244.0.5", true)}));
  ASSERT_TRUE(writer_.apply("shop/web", {}).ok());
  EXPECT_EQ(lost(), std::vector<std::string>{});
}

TEST_F(LostConnections, ButWhenAHostPortGoesWithItsPod) {
  Frontend host_port = web({at("10.244.0.5", true)});
  host_port.host_port = true;
  apply(host_port);
  ASSERT_TRUE(writer_.apply("shop/web", {}).ok());
  EXPECT_EQ(lost(), std::vector<std::string>{"10.244.0.5"});
}

TEST_F(LostConnections, NotOfWhatAFullMapHasNoRoomFor) {
  maps_.backends = std::make_unique<datapath::MemoryMap<uint32_t, datapath::Backend>>(3);
  FrontendWriter writer(maps_, clock_);
  ASSERT_TRUE(writer.apply("shop/web", {web({at("10.244.0.5")}, {at("10.244.0.6", true)})}).ok());
  EXPECT_FALSE(
      writer
          .apply("shop/web", {web({at("10.244.0.5"), at("10.244.0.7")}, {at("10.244.0.6", true)})})
          .ok());
  EXPECT_TRUE(writer.take_lost().connections.empty());
}

TEST_F(LostConnections, AnAgentThatStartsKnowsWhoWasLeaving) {
  apply(web({at("10.244.0.5")}, {at("10.244.0.6", true)}));
  FrontendWriter restarted(maps_, clock_);
  ASSERT_TRUE(restarted.restore().ok());
  ASSERT_TRUE(restarted.apply("shop/web", {web({at("10.244.0.5")})}).ok());
  EXPECT_EQ(restarted.take_lost().connections.size(), 1u);
}

TEST_F(LostConnections, AreSoughtByProtocolAndBackend) {
  using datapath::ReverseSocketKey;
  datapath::MemoryMap<ReverseSocketKey, datapath::ReverseSocket> sockets;
  const auto place = [](const char* address) {
    return datapath::SocketAddress{
        .address = datapath::to_abi(ip(address)), .port = datapath::port_be(80), .pad = 0};
  };
  const datapath::SocketAddress gone = place("10.244.0.6");
  ASSERT_TRUE(sockets.put({1, place("10.244.0.5"), 0}, {place("10.96.0.1"), 1}).ok());
  ASSERT_TRUE(sockets.put({2, gone, 0}, {place("10.96.0.1"), 1}).ok());
  const auto concerned = sockets_of(sockets, {.datagrams = false, .connections = {gone}}).value();
  ASSERT_EQ(concerned.size(), 1u);
  EXPECT_EQ(concerned[0].socket.cookie, 2u);
  EXPECT_EQ(concerned[0].socket.protocol, uint32_t{IPPROTO_TCP});
  EXPECT_EQ(sockets_of(sockets, {.datagrams = true, .connections = {}})->size(), 2u)
      << "nothing says which sockets are of UDP";
  EXPECT_TRUE(sockets_of(sockets, {})->empty());
}

TEST_F(FrontendWriterTest, FrontendsWithTheSameEndpointsShareARange) {
  const std::vector<Backend> endpoints = {{ip("10.244.0.5"), 80}, {ip("10.244.0.6"), 80}};
  const uint32_t before = writer_.backends().free_slots();
  ASSERT_TRUE(
      writer_
          .apply("shop/web", {frontend("10.96.0.1", endpoints), frontend("10.96.0.2", endpoints)})
          .ok());
  EXPECT_EQ(entry("10.96.0.1")->base, entry("10.96.0.2")->base);
  EXPECT_EQ(before - writer_.backends().free_slots(), 2u);
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.2", endpoints)}).ok());
  EXPECT_EQ(before - writer_.backends().free_slots(), 2u) << "one of them still uses it";

  FrontendWriter restarted(maps_, clock_);
  ASSERT_TRUE(restarted.restore().ok());
  EXPECT_EQ(before - restarted.backends().free_slots(), 2u);
}

TEST_F(FrontendWriterTest, WhoDrainsStaysBehindThoseThatServe) {
  Frontend draining = frontend("10.96.0.1", {{ip("10.244.0.5"), 80}, {ip("10.244.0.6"), 80}});
  ASSERT_TRUE(writer_.apply("shop/web", {draining}).ok());
  const uint32_t generation = entry("10.96.0.1")->generation;
  draining.draining = {draining.backends[0]};
  draining.backends.erase(draining.backends.begin());
  ASSERT_TRUE(writer_.apply("shop/web", {draining}).ok());
  auto found = entry("10.96.0.1").value();
  EXPECT_EQ(found.count, 1u);
  EXPECT_EQ(found.draining, 1u);
  EXPECT_EQ(found.generation, generation) << "nobody has lost anything yet";
  EXPECT_TRUE(found.flags & SKIFF_FRONTEND_RESET_GONE) << "every endpoint is in the range";

  draining.unready = std::exchange(draining.draining, {});
  ASSERT_TRUE(writer_.apply("shop/web", {draining}).ok());
  found = entry("10.96.0.1").value();
  EXPECT_EQ(maps_.backends->get(found.base + 1).value()->flags, SKIFF_BACKEND_UNREADY);
  EXPECT_EQ(found.generation, generation + 1) << "datagrams look again";
}

TEST_F(FrontendWriterTest, AFullMapGetsWhatFitsAndSaysSo) {
  maps_.backends = std::make_unique<datapath::MemoryMap<uint32_t, datapath::Backend>>(3);
  FrontendWriter writer(maps_, clock_);
  std::vector<Backend> endpoints;
  for (const char* address : {"10.244.0.1", "10.244.0.2", "10.244.0.3", "10.244.0.4"})
    endpoints.push_back({ip(address), 80});
  const Status full = writer.apply("shop/web", {frontend("10.96.0.1", endpoints)});
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(backends("10.96.0.1"), (std::vector<std::string>{"10.244.0.1", "10.244.0.3"}));
  EXPECT_FALSE(entry("10.96.0.1")->flags & SKIFF_FRONTEND_RESET_GONE)
      << "connections to those left out live on";
  const auto before = entry("10.96.0.1").value();
  EXPECT_FALSE(writer.apply("shop/web", {frontend("10.96.0.1", endpoints)}).ok());
  const auto after = entry("10.96.0.1").value();
  EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0) << "trying again moves nothing";
}

TEST_F(FrontendWriterTest, OneRefusedFrontendDoesNotHoldUpTheOthers) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("10.96.0.1", {})}).ok());
  const Status refused = writer_.apply(
      "shop/other", {frontend("10.96.0.1", {}, "shop/other:http"),
                     frontend("10.96.0.2", {{ip("10.244.0.5"), 80}}, "shop/other:http")});
  EXPECT_EQ(refused.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(backends("10.96.0.2"), (std::vector<std::string>{"10.244.0.5"}));
}

TEST_F(FrontendWriterTest, SourceRangesAreThereBeforeTheFrontendAndGoAfterIt) {
  Frontend restricted = frontend("203.0.113.5", {});
  restricted.restricted = true;
  restricted.source_ranges = {Cidr::parse("10.0.0.0/8").value()};
  ASSERT_TRUE(writer_.apply("shop/web", {restricted}).ok());
  const auto found = entry("203.0.113.5").value();
  EXPECT_TRUE(found.flags & SKIFF_FRONTEND_SOURCE_RANGES);
  datapath::SourceRangeKey key{.prefix_bits = 32 + 104,
                               .service_id = found.service_id,
                               .address = datapath::to_abi(ip("10.0.0.0"))};
  EXPECT_EQ(maps_.source_ranges->get(key).value(), 1u);
  ASSERT_TRUE(writer_.apply("shop/web", {}).ok());
  EXPECT_FALSE(maps_.source_ranges->get(key).value());
}

TEST_F(FrontendWriterTest, AnIdIsNeverSharedByTwoServicePorts) {
  ASSERT_TRUE(writer_
                  .apply("shop/old", {frontend("10.96.0.1", {}, "shop/old:http"),
                                      frontend("10.96.0.2", {}, "shop/old:http")})
                  .ok());
  FrontendWriter restarted(maps_, clock_);
  ASSERT_TRUE(restarted.restore().ok());
  ASSERT_TRUE(restarted.apply("shop/new", {frontend("10.96.0.1", {}, "shop/new:http")}).ok());
  ASSERT_TRUE(restarted.apply("shop/old", {frontend("10.96.0.2", {}, "shop/old:http")}).ok());
  EXPECT_NE(entry("10.96.0.1")->service_id, entry("10.96.0.2")->service_id);
}

}  // namespace
}  // namespace skiff::proxy
