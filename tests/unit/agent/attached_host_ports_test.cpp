// SPDX-License-Identifier: Apache-2.0
#include "agent/attached_host_ports.h"

#include <gtest/gtest.h>

#include "agent/proxy/host_port_plan.h"

namespace skiff::agent {
namespace {

network::Attachment attachment(const char* container, const char* address) {
  network::Attachment made;
  made.container_id = container;
  made.interface = "eth0";
  made.pod_namespace = "shop";
  made.pod_name = "web";
  made.pod_uid = "u";
  made.addresses = {IpAddress::parse(address).value()};
  made.port_mappings = {
      {.host_port = 8080, .container_port = 80, .protocol = "TCP", .host_ip = ""}};
  return made;
}

TEST(AttachedHostPorts, AreFrontendsAtTheNodesAddresses) {
  const api::Pod pod = pod_of(attachment("a", "10.244.0.5"));
  EXPECT_TRUE(proxy::has_host_ports(pod));
  const proxy::HostPortPlan plan = proxy::plan_host_ports(
      pod, {.node_addresses = {IpAddress::parse("192.0.2.1").value()},
            .is_own_address = [](const IpAddress&) { return false; },
            .node_port_owner = [](uint8_t, uint16_t) { return std::string(); }});
  ASSERT_EQ(plan.frontends.size(), 2u) << "the node's address, and loopback";
  for (const proxy::Frontend& frontend : plan.frontends) {
    EXPECT_EQ(frontend.key.port, 8080);
    EXPECT_EQ(frontend.backends.front().port, 80);
  }
}

TEST(AttachedHostPorts, APodWithoutMappingsHasNone) {
  network::Attachment plain = attachment("a", "10.244.0.5");
  plain.port_mappings.clear();
  EXPECT_FALSE(proxy::has_host_ports(pod_of(plain)));
}

TEST(AttachedHostPorts, TheOldSandboxOfAPodTakesNothingFromTheNewOne) {
  asio::io_context io;
  AttachedHostPorts ports(io.get_executor());
  ports.changed(attachment("old", "10.244.0.5"), true);
  ports.changed(attachment("new", "10.244.0.6"), true);
  ports.changed(attachment("old", "10.244.0.5"), false);
  const auto pod = ports.pods().get({"shop", "web"});
  ASSERT_NE(pod, nullptr);
  EXPECT_EQ(pod->status.podIPs.front().ip, "10.244.0.6");
  ports.changed(attachment("new", "10.244.0.6"), false);
  EXPECT_EQ(ports.pods().get({"shop", "web"}), nullptr);
}

}  // namespace
}  // namespace skiff::agent
