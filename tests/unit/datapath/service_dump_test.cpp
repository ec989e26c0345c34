// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/service_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace skiff::datapath {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Address address(const char* text) {
  return to_abi(IpAddress::parse(text).value());
}

template <class K, class V>
std::map<K, V, BytesLess> entries(const Map<K, V>& map) {
  std::map<K, V, BytesLess> all;
  EXPECT_TRUE(map.for_each([&](const K& key, const V& value) { all[key] = value; }).ok());
  return all;
}

template <class K, class V>
void expect_same(const Map<K, V>& a, const Map<K, V>& b) {
  const auto left = entries(a), right = entries(b);
  ASSERT_EQ(left.size(), right.size());
  for (const auto& [key, value] : left) {
    ASSERT_TRUE(right.contains(key));
    EXPECT_EQ(std::memcmp(&right.at(key), &value, sizeof(V)), 0);
  }
}

TEST(ServiceDump, ComesBackAsItWas) {
  Maps maps = memory_maps();
  const FrontendKey web{address("10.96.0.7"), port_be(80), IPPROTO_TCP, SKIFF_SCOPE_EXTERNAL};
  const FrontendKey dns{address("fd00::7"), port_be(53), IPPROTO_UDP, SKIFF_SCOPE_INTERNAL};
  const FrontendKey node_port{node_port_address(true), port_be(30080), IPPROTO_TCP, 0};
  ASSERT_TRUE(
      maps.frontends->put(web, {.service_id = 1, .base = 8, .count = 2, .draining = 1}).ok());
  ASSERT_TRUE(
      maps.frontends
          ->put(dns,
                {.service_id = 2, .base = 0, .affinity_seconds = 60, .flags = SKIFF_FRONTEND_DSR})
          .ok());
  ASSERT_TRUE(maps.frontends->put(node_port, {.service_id = 1, .base = 8, .count = 2}).ok());
  for (uint32_t slot : {8, 9, 10})
    ASSERT_TRUE(maps.backends
                    ->put(slot, {.address = address("10.244.0.1"),
                                 .port = port_be(static_cast<uint16_t>(slot)),
                                 .flags = SKIFF_BACKEND_UNREADY,
                                 .weight = slot})
                    .ok());
  ASSERT_TRUE(maps.source_ranges
                  ->put({.prefix_bits = 136, .service_id = 1, .address = address("10.0.0.0")}, 1)
                  .ok());
  ASSERT_TRUE(maps.service_counters
                  ->put(1, {.connections = 5, .refused = 1, .bytes = {70, 80}, .last_used_ns = 9})
                  .ok());
  const auto text = encode_services(maps, 3h);
  ASSERT_TRUE(text.ok());
  const auto read = decode_services(*text);
  ASSERT_TRUE(read.ok()) << message(read.status());
  EXPECT_EQ(read->now, 3h);
  expect_same(*maps.frontends, *read->maps.frontends);
  expect_same(*maps.backends, *read->maps.backends);
  expect_same(*maps.source_ranges, *read->maps.source_ranges);
  expect_same(*maps.service_counters, *read->maps.service_counters);
}

TEST(ServiceDump, LeavesOutBackendsThatNobodyNames) {
  Maps maps = memory_maps();
  ASSERT_TRUE(maps.backends->put(3, {.address = address("10.244.0.1")}).ok());
  EXPECT_THAT(encode_services(maps, 1s).value(), HasSubstr(R"("backends":[])"));
}

TEST(ServiceDump, NamesWhatCannotBeRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "not a JSON object"},
      {"{}", "nowNs: want a number"},
      {R"({"nowNs":1})", "frontends: want a list"},
      {R"({"nowNs":1,"frontends":[1]})", "frontends: want objects"},
      {R"({"nowNs":1,"frontends":[],"backends":[{"address":"10.0.0.1","port":70000,"flags":0,"slot":1}]})",
       "backends: port: want a number"},
      {R"({"nowNs":1,"frontends":[],"backends":[{"address":"x"}]})", "backends: "}};
  for (const auto& [text, says] : cases)
    EXPECT_THAT(std::string(message(decode_services(text).status())), HasSubstr(says)) << text;
}

}  // namespace
}  // namespace skiff::datapath
