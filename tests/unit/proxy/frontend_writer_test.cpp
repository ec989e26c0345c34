// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/frontend_writer.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

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
  EXPECT_TRUE(writer_.take_lost_udp()) << "what left before this agent started";
  EXPECT_FALSE(writer_.take_lost_udp());

  const auto asked = socket_address("10.96.0.1", 80);
  const auto asked_node = socket_address("10.89.0.3", 30053);
  const auto gone = socket_address("10.244.0.6", 53);
  EXPECT_TRUE(writer_.serves(asked, IPPROTO_UDP, gone));
  EXPECT_TRUE(writer_.serves(asked_node, IPPROTO_UDP, gone));
  cluster_ip.backends.pop_back();
  node_port.backends.pop_back();
  ASSERT_TRUE(writer_.apply("shop/dns", {cluster_ip, node_port}).ok());
  EXPECT_TRUE(writer_.take_lost_udp());
  EXPECT_FALSE(writer_.serves(asked, IPPROTO_UDP, gone));
  EXPECT_FALSE(writer_.serves(asked_node, IPPROTO_UDP, gone));
  EXPECT_TRUE(writer_.serves(asked, IPPROTO_UDP, socket_address("10.244.0.5", 53)));
  ASSERT_TRUE(writer_.apply("shop/dns", {}).ok());
  EXPECT_TRUE(writer_.take_lost_udp());
  EXPECT_FALSE(writer_.serves(asked, IPPROTO_UDP, socket_address("10.244.0.5", 53)));
}

}  // namespace
}  // namespace skiff::proxy
