// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "cli/services/describe.h"

namespace skiff::cli {
namespace {

using testing::ElementsAre;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

datapath::FrontendKey key(const char* address, uint16_t port, uint8_t protocol = IPPROTO_TCP) {
  return {.address = datapath::to_abi(ip(address)),
          .port = datapath::port_be(port),
          .protocol = protocol,
          .scope = SKIFF_SCOPE_INTERNAL};
}

api::Service web() {
  api::Service service;
  service.metadata.namespace_ = "shop";
  service.metadata.name = "web";
  service.spec.clusterIPs = {"10.96.0.7", "fd00:10:96::7"};
  service.spec.ports = {{.name = "http", .protocol = "TCP", .port = 80, .nodePort = 30900}};
  return service;
}

api::Pod web_1() {
  api::Pod pod;
  pod.metadata.namespace_ = "shop";
  pod.metadata.name = "web-1";
  pod.spec.nodeName = "node-2";
  pod.status.podIPs = {{.ip = "10.244.1.4"}};
  return pod;
}

TEST(DescribeServices, NamesEveryFrontendAndItsBackends) {
  datapath::Maps maps = datapath::memory_maps();
  ASSERT_TRUE(
      maps.frontends->put(key("10.96.0.7", 80), {.service_id = 1, .base = 8, .count = 1}).ok());
  ASSERT_TRUE(
      maps.backends
          ->put(8, {.address = datapath::to_abi(ip("10.244.1.4")), .port = datapath::port_be(8080)})
          .ok());
  auto lines = describe_services(maps, service_names({web()}, {web_1()}));
  ASSERT_TRUE(lines.ok());
  EXPECT_THAT(*lines, ElementsAre("shop/web:http  TCP 10.96.0.7:80",
                                  "    10.244.1.4:8080  shop/web-1 on node-2"));
}

TEST(ServicesTable, SaysWhatEachServiceWasUsedFor) {
  using std::chrono::hours;
  using std::chrono::nanoseconds;
  datapath::Maps maps = datapath::memory_maps();
  ASSERT_TRUE(
      maps.frontends->put(key("10.96.0.7", 80), {.service_id = 1, .base = 8, .count = 1}).ok());
  ASSERT_TRUE(maps.frontends->put(key("10.96.0.9", 80), {.service_id = 2}).ok());
  ASSERT_TRUE(maps.frontends->put(key("192.0.2.7", 0, 0), {.flags = SKIFF_FRONTEND_WILDCARD}).ok());
  ASSERT_TRUE(
      maps.backends
          ->put(8, {.address = datapath::to_abi(ip("10.244.1.4")), .port = datapath::port_be(8080)})
          .ok());
  const uint64_t used = nanoseconds(hours(1)).count();
  ASSERT_TRUE(
      maps.service_counters->put(1, {.connections = 1532, .refused = 3, .last_used_ns = used})
          .ok());
  const auto lines = services_table(maps, service_names({web()}, {web_1()}), hours(3));
  ASSERT_TRUE(lines.ok());
  EXPECT_THAT(*lines,
              ElementsAre("     HITS  REFUSED  LAST  SERVICE",
                          "                          192.0.2.7  other ports are refused",
                          "     1532        3    2h  shop/web:http  TCP 10.96.0.7:80",
                          "                              10.244.1.4:8080  shop/web-1 on node-2",
                          "        0        0     -  unknown  TCP 10.96.0.9:80, refuses: no "
                          "endpoints"));
}

TEST(DescribeServices, SaysWhyNobodyAnswers) {
  datapath::Maps maps = datapath::memory_maps();
  ASSERT_TRUE(maps.frontends->put(key("fd00:10:96::7", 80), {.service_id = 1}).ok());
  ASSERT_TRUE(maps.frontends
                  ->put(key("10.96.0.9", 53, IPPROTO_UDP),
                        {.service_id = 2, .flags = SKIFF_FRONTEND_DROP_EMPTY})
                  .ok());
  auto lines = describe_services(maps, service_names({web()}, {}));
  ASSERT_TRUE(lines.ok());
  EXPECT_THAT(*lines, ElementsAre("shop/web:http  TCP [fd00:10:96::7]:80, refuses: no endpoints",
                                  "unknown  UDP 10.96.0.9:53, drops: no endpoint on this node"));
}

TEST(DescribeServices, KnowsNodePortsWithoutAnAddress) {
  datapath::Maps maps = datapath::memory_maps();
  ASSERT_TRUE(
      maps.frontends
          ->put({.address = datapath::node_port_address(true),
                 .port = datapath::port_be(30900),
                 .protocol = IPPROTO_TCP,
                 .scope = SKIFF_SCOPE_EXTERNAL},
                {.service_id = 1, .affinity_seconds = 60, .flags = SKIFF_FRONTEND_NODE_PORT})
          .ok());
  auto lines = describe_services(maps, service_names({web()}, {}));
  ASSERT_TRUE(lines.ok());
  EXPECT_THAT(*lines,
              ElementsAre("shop/web:http  TCP node port 30900 over IPv4, clients from outside, a "
                          "client stays with its pod for 60 s, refuses: no endpoints"));
}

}  // namespace
}  // namespace skiff::cli
