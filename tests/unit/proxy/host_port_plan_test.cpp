// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/host_port_plan.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace skiff::proxy {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

api::Pod pod(int32_t host_port, const char* host_ip = "") {
  api::Pod pod;
  pod.metadata.namespace_ = "shop";
  pod.metadata.name = "web";
  api::ContainerPort& port = pod.spec.containers.emplace_back().ports.emplace_back();
  port.containerPort = 8080;
  port.hostPort = host_port;
  port.hostIP = host_ip;
  port.protocol = "TCP";
  pod.status.phase = "Running";
  pod.status.podIPs = {{.ip = "10.244.0.5"}};
  return pod;
}

HostPortPlan plan(const api::Pod& pod) {
  return plan_host_ports(
      pod, {.node_addresses = {ip("10.89.0.2"), ip("fd00:10:89::2")},
            .is_own_address = [](const IpAddress& address) { return address == ip("192.0.2.1"); },
            .node_port_owner = [](uint8_t protocol, uint16_t port) -> std::string {
              return protocol == IPPROTO_TCP && port == 30080 ? "shop/web" : "";
            }});
}

std::vector<std::string> addresses(const HostPortPlan& plan) {
  std::vector<std::string> list;
  for (const Frontend& frontend : plan.frontends) list.push_back(frontend.key.address.to_string());
  return list;
}

TEST(HostPortPlan, IsServedAtTheNodesAddressesOfThePodsFamily) {
  const HostPortPlan planned = plan(pod(80));
  EXPECT_EQ(addresses(planned), (std::vector<std::string>{"10.89.0.2", "127.0.0.1"}));
  EXPECT_EQ(planned.frontends[0].key.port, 80);
  EXPECT_EQ(planned.frontends[0].backends, (std::vector<Backend>{{ip("10.244.0.5"), 8080}}));
  EXPECT_TRUE(planned.frontends[0].host_port);
  api::Pod dual = pod(80);
  dual.status.podIPs.push_back({.ip = "fd00:10:244::5"});
  EXPECT_EQ(plan(dual).frontends.size(), 4u);
  EXPECT_EQ(plan(pod(80, "0.0.0.0")).frontends.size(), 2u);
  EXPECT_TRUE(plan(pod(80, "::")).frontends.empty()) << "the pod has no IPv6 address";
}

TEST(HostPortPlan, HostIpIsOneAddressOfTheNode) {
  EXPECT_EQ(addresses(plan(pod(80, "192.0.2.1"))), (std::vector<std::string>{"192.0.2.1"}));
  EXPECT_EQ(addresses(plan(pod(80, "127.0.0.1"))), (std::vector<std::string>{"127.0.0.1"}));
  const HostPortPlan stolen = plan(pod(53, "8.8.8.8"));
  EXPECT_TRUE(stolen.frontends.empty());
  EXPECT_EQ(
      stolen.refused,
      (std::vector<std::string>{"hostPort 53/TCP: hostIP 8.8.8.8 is not an address of this node"}));
}

TEST(HostPortPlan, ANodePortOfAServiceIsRefusedByName) {
  const HostPortPlan refused = plan(pod(30080));
  EXPECT_TRUE(refused.frontends.empty());
  EXPECT_EQ(refused.refused,
            (std::vector<std::string>{"hostPort 30080/TCP is a NodePort of service shop/web"}));
  api::Pod udp = pod(30080);
  udp.spec.containers[0].ports[0].protocol = "UDP";
  EXPECT_FALSE(plan(udp).frontends.empty()) << "another protocol is another port";
}

TEST(HostPortPlan, AnEndedPodReleasesATerminatingOneKeeps) {
  api::Pod leaving = pod(80);
  leaving.metadata.deletionTimestamp = TimePoint(std::chrono::hours(1));
  EXPECT_FALSE(plan(leaving).frontends.empty());
  for (const char* phase : {"Succeeded", "Failed"}) {
    leaving.status.phase = phase;
    EXPECT_TRUE(plan(leaving).frontends.empty()) << phase;
  }
}

TEST(HostPortPlan, PodsOfTheNodesNetworkNeedNone) {
  api::Pod host = pod(80);
  host.spec.hostNetwork = true;
  EXPECT_TRUE(plan(host).frontends.empty());
  EXPECT_FALSE(has_host_ports(host));
}

TEST(HostPortPlan, SidecarsHaveHostPortsInitContainersNot) {
  api::Pod pod = proxy::pod(80);
  pod.spec.initContainers.push_back(pod.spec.containers[0]);
  pod.spec.containers.clear();
  EXPECT_FALSE(has_host_ports(pod));
  pod.spec.initContainers[0].restartPolicy = "Always";
  EXPECT_TRUE(has_host_ports(pod));
}

TEST(HostPortPlan, WithoutAnAddressThereIsNothingYet) {
  api::Pod pending = pod(80);
  pending.status.podIPs.clear();
  EXPECT_TRUE(plan(pending).frontends.empty());
}

}  // namespace
}  // namespace skiff::proxy
