// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/maglev_tables.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <set>

#include "agent/datapath/memory_map.h"
#include "agent/proxy/frontend_writer.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::proxy {
namespace {

Frontend frontend(const char* address, int endpoints) {
  Frontend each{.key = {IpAddress::parse(address).value(), 80, IPPROTO_TCP},
                .service = "shop/web:http",
                .external = true,
                .maglev = true};
  for (int i = 0; i < endpoints; ++i)
    each.backends.push_back({IpAddress::v4(0x0af40005 + static_cast<uint32_t>(i)), 8080});
  return each;
}

class MaglevTablesTest : public testing::Test {
 protected:
  datapath::Frontend entry(const char* address) {
    datapath::FrontendKey key{};
    key.address = datapath::to_abi(IpAddress::parse(address).value());
    key.port = datapath::port_be(80);
    key.protocol = IPPROTO_TCP;
    return maps_.frontends->get(key).value().value();
  }
  // The offsets a table names.
  std::set<uint16_t> offsets(const datapath::Frontend& entry) {
    std::set<uint16_t> found;
    for (uint32_t i = 0; i < entry.maglev_size; ++i)
      found.insert(maps_.maglev->get(entry.maglev_base + i / SKIFF_MAGLEV_BLOCK)
                       .value()
                       ->offset[i % SKIFF_MAGLEV_BLOCK]);
    return found;
  }

  FakeClock clock_;
  datapath::Maps maps_ = datapath::memory_maps();
  FrontendWriter writer_{maps_, clock_};
};

TEST_F(MaglevTablesTest, ATableNamesEveryBackendAndIsShared) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("192.0.2.7", 3), frontend("192.0.2.8", 3)}).ok());
  const datapath::Frontend one = entry("192.0.2.7");
  EXPECT_TRUE(one.flags & SKIFF_FRONTEND_MAGLEV);
  EXPECT_EQ(offsets(one), (std::set<uint16_t>{0, 1, 2}));
  EXPECT_EQ(one.maglev_base, entry("192.0.2.8").maglev_base);
}

TEST_F(MaglevTablesTest, AChangeTakesOtherBlocksAndARestartKeepsThem) {
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("192.0.2.7", 3)}).ok());
  const datapath::Frontend before = entry("192.0.2.7");
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("192.0.2.7", 2)}).ok());
  const datapath::Frontend after = entry("192.0.2.7");
  EXPECT_NE(after.maglev_base, before.maglev_base) << "a packet may be reading the old table";
  EXPECT_EQ(offsets(after), (std::set<uint16_t>{0, 1}));
  FrontendWriter restarted(maps_, clock_);
  ASSERT_TRUE(restarted.restore().ok());
  ASSERT_TRUE(restarted.apply("shop/web", {frontend("192.0.2.7", 2)}).ok());
  const datapath::Frontend again = entry("192.0.2.7");
  EXPECT_EQ(std::memcmp(&again, &after, sizeof after), 0);
}

// 3 backends: a table of 509 entries, 8 blocks.
TEST_F(MaglevTablesTest, WithoutRoomTheMapIsAskedToGrowAndServesThenAll) {
  auto small = std::make_unique<datapath::MemoryMap<uint32_t, datapath::MaglevBlock>>(10);
  auto* const map = small.get();
  maps_.maglev = std::move(small);
  FrontendWriter writer(maps_, clock_);
  ASSERT_TRUE(writer.apply("shop/a", {frontend("192.0.2.7", 3)}).ok());
  EXPECT_EQ(map->count().value(), 8u);
  EXPECT_EQ(writer.apply("shop/b", {frontend("192.0.2.8", 4)}).code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(map->refused(), 1u);
  map->resize(20);
  EXPECT_TRUE(writer.apply("shop/b", {frontend("192.0.2.8", 4)}).ok());
  EXPECT_NE(entry("192.0.2.8").maglev_size, 0u);
}

TEST_F(MaglevTablesTest, WeightsMakeATableThatChanceReadsToo) {
  Frontend weighted = frontend("192.0.2.7", 2);
  weighted.maglev = false;
  weighted.backends[0].weight = 300;
  weighted.backends[1].weight = 100;
  ASSERT_TRUE(writer_.apply("shop/web", {weighted}).ok());
  const datapath::Frontend before = entry("192.0.2.7");
  EXPECT_NE(before.maglev_size, 0u);
  EXPECT_FALSE(before.flags & SKIFF_FRONTEND_MAGLEV) << "no client is bound to its hash";
  EXPECT_EQ(maps_.backends->get(before.base).value()->weight, 300u);

  weighted.backends[1].weight = 200;
  ASSERT_TRUE(writer_.apply("shop/web", {weighted}).ok());
  const datapath::Frontend after = entry("192.0.2.7");
  EXPECT_NE(after.maglev_base, before.maglev_base);
  EXPECT_EQ(after.generation, before.generation) << "nobody left: flows stay";

  FrontendWriter restarted(maps_, clock_);
  ASSERT_TRUE(restarted.restore().ok());
  ASSERT_TRUE(restarted.apply("shop/web", {weighted}).ok());
  const datapath::Frontend again = entry("192.0.2.7");
  EXPECT_EQ(std::memcmp(&again, &after, sizeof after), 0);

  weighted.backends[0].weight = weighted.backends[1].weight = 0;
  ASSERT_TRUE(restarted.apply("shop/web", {weighted}).ok());
  EXPECT_EQ(entry("192.0.2.7").maglev_size, 0u);
}

TEST_F(MaglevTablesTest, WithoutEndpointsOrWishThereIsNone) {
  Frontend plain = frontend("192.0.2.8", 2);
  plain.maglev = false;
  ASSERT_TRUE(writer_.apply("shop/web", {frontend("192.0.2.7", 0), plain}).ok());
  for (const char* address : {"192.0.2.7", "192.0.2.8"}) {
    EXPECT_FALSE(entry(address).flags & SKIFF_FRONTEND_MAGLEV) << address;
    EXPECT_EQ(entry(address).maglev_size, 0u) << address;
  }
}

}  // namespace
}  // namespace skiff::proxy
