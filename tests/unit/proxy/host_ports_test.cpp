// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/host_ports.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/fakes/fake_clock.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

class HostPortsTest : public ::testing::Test {
 protected:
  HostPorts::Options options() {
    return {.node_addresses = {ip("10.89.0.2")},
            .own_addresses = [this]() -> Result<std::vector<IpAddress>> { return own_; },
            .events = nullptr,
            .on_settled = [this] { ++settled_; }};
  }
  void put(const char* name, int32_t port, const char* host_ip = "",
           const char* phase = "Running") {
    api::Pod pod;
    pod.metadata.namespace_ = "shop";
    pod.metadata.name = name;
    pod.metadata.resourceVersion = std::to_string(++version_);
    pod.status.phase = phase;
    pod.status.podIPs = {{.ip = "10.244.0.5"}};
    api::ContainerPort& container = pod.spec.containers.emplace_back().ports.emplace_back();
    container.containerPort = 8080;
    container.hostPort = port;
    container.hostIP = host_ip;
    container.protocol = "TCP";
    pods_.put(std::make_shared<const api::Pod>(std::move(pod)));
  }
  void start() {
    host_ports_.sync_all();
    host_ports_.start();
    turn();
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }
  bool served(const char* address, uint16_t port) {
    return maps_.frontends
        ->get({.address = datapath::to_abi(ip(address)),
               .port = datapath::port_be(port),
               .protocol = IPPROTO_TCP})
        .value()
        .has_value();
  }
  Status node_port(uint16_t port, bool wanted) {
    Frontend frontend{.key = {IpAddress::v4(0), port, IPPROTO_TCP, Scope::kInternal},
                      .service = "shop/web:http",
                      .node_port = true};
    return writer_.apply("shop/web", wanted ? std::vector{frontend} : std::vector<Frontend>());
  }

  asio::io_context loop_;
  kube::Store<api::Pod> pods_{loop_.get_executor()};
  datapath::Maps maps_ = datapath::memory_maps();
  FakeClock clock_;
  FrontendWriter writer_{maps_, clock_};
  std::vector<IpAddress> own_;
  int settled_ = 0;
  int version_ = 0;
  HostPorts host_ports_{loop_.get_executor(), options(), pods_, writer_};
};

TEST_F(HostPortsTest, FollowThePodsOfTheNode) {
  put("web", 8443);
  start();
  EXPECT_TRUE(served("10.89.0.2", 8443) && served("127.0.0.1", 8443));
  EXPECT_TRUE(host_ports_.settled());
  put("late", 8444);
  turn();
  EXPECT_TRUE(served("10.89.0.2", 8444));
  put("web", 8443, "", "Succeeded");
  turn();
  EXPECT_FALSE(served("10.89.0.2", 8443)) << "its pod has ended";
  pods_.erase({"shop", "late"});
  turn();
  EXPECT_FALSE(served("10.89.0.2", 8444));
}

TEST_F(HostPortsTest, AHostIpMustBeTheNodes) {
  own_ = {ip("192.0.2.1")};
  put("here", 80, "192.0.2.1");
  put("elsewhere", 81, "192.0.2.2");
  start();
  EXPECT_TRUE(served("192.0.2.1", 80));
  EXPECT_FALSE(served("192.0.2.2", 81));
}

TEST_F(HostPortsTest, ANodePortComesFirstAlsoIfItComesLater) {
  put("web", 30080);
  start();
  EXPECT_TRUE(served("10.89.0.2", 30080));
  ASSERT_TRUE(node_port(30080, true).ok());
  host_ports_.node_port_taken(IPPROTO_TCP, 30080);
  turn();
  EXPECT_FALSE(served("10.89.0.2", 30080));
  host_ports_.node_port_taken(IPPROTO_UDP, 30080);  // nobody holds it
  ASSERT_TRUE(node_port(30080, false).ok());
  put("web", 30080);
  turn();
  EXPECT_TRUE(served("10.89.0.2", 30080));
}

TEST_F(HostPortsTest, WhatAnotherPodHoldsIsSettledAndLookedAtAgain) {
  put("first", 80);
  put("second", 80);
  start();
  EXPECT_TRUE(host_ports_.settled()) << "it has its answer: not to be had";
  pods_.erase({"shop", "first"});
  turn();
  put("second", 80);
  turn();
  EXPECT_TRUE(served("10.89.0.2", 80));
}

}  // namespace
}  // namespace skiff::proxy
