// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/kube_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/fakes/fake_clock.h"

namespace skiff::trace {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

// The stores lie packed, as an agent's do.
class KubeNamesTest : public testing::Test {
 protected:
  void put_service(const std::string& name, const std::function<void(api::ServiceSpec&)>& change) {
    auto service = std::make_shared<api::Service>();
    service->metadata.namespace_ = "shop";
    service->metadata.name = name;
    change(service->spec);
    services_.put(service);
  }
  // "namespace/name:port", or what is missing.
  std::string service(const char* address, uint16_t port, uint8_t protocol = IPPROTO_TCP) {
    const auto found = names_.service(ip(address), port, protocol);
    return found ? found->namespace_ + "/" + found->name + ":" + found->port_name : "nobody";
  }

  asio::io_context io_;
  FakeClock clock_;
  kube::Store<api::Pod> pods_{io_.get_executor()};
  kube::Store<api::Service> services_{io_.get_executor(), kube::Keep::kPacked};
  kube::Store<api::EndpointSlice> slices_{io_.get_executor(), kube::Keep::kPacked};
  kube::Store<api::Node> nodes_{io_.get_executor()};
  KubeNames names_{"a", 1, {pods_, services_, slices_, nodes_}, clock_};
};

TEST_F(KubeNamesTest, AServiceIsFoundByEachOfItsAddresses) {
  put_service("web", [](api::ServiceSpec& spec) {
    spec.clusterIP = "10.96.0.5";
    spec.clusterIPs = {"10.96.0.5", "fd00::5"};
    spec.externalIPs = {"192.0.2.7"};
    spec.ports = {{.name = "http", .protocol = "TCP", .port = 80},
                  {.name = "dns", .protocol = "UDP", .port = 80}};
  });
  EXPECT_EQ(service("10.96.0.5", 80), "shop/web:http");
  EXPECT_EQ(service("10.96.0.5", 80, IPPROTO_UDP), "shop/web:dns");
  EXPECT_EQ(service("fd00::5", 80), "shop/web:http");
  EXPECT_EQ(service("192.0.2.7", 80), "shop/web:http");
  EXPECT_EQ(service("10.96.0.5", 81), "shop/web:") << "its address, no port of it";
  EXPECT_EQ(service("10.96.0.6", 80), "nobody");
}

TEST_F(KubeNamesTest, ANodePortIsFoundAtAddressesOfNodesAlone) {
  auto node = std::make_shared<api::Node>();
  node->metadata.name = "b";
  node->status.addresses = {{.type = "InternalIP", .address = "10.0.0.2"}};
  nodes_.put(node);
  put_service("web", [](api::ServiceSpec& spec) {
    spec.clusterIP = "10.96.0.5";
    spec.ports = {{.name = "http", .protocol = "TCP", .port = 80, .nodePort = 30080}};
  });
  EXPECT_EQ(service("10.0.0.2", 30080), "shop/web:http");
  EXPECT_EQ(service("127.0.0.1", 30080), "shop/web:http");
  EXPECT_EQ(service("10.0.0.2", 30080, IPPROTO_UDP), "nobody");
  EXPECT_EQ(service("10.0.0.3", 30080), "nobody");
}

TEST_F(KubeNamesTest, APodOfAnotherNodeIsKnownByItsEndpoint) {
  auto slice = std::make_shared<api::EndpointSlice>();
  slice->metadata.namespace_ = "shop";
  slice->metadata.name = "web-x";
  api::Endpoint& endpoint = slice->endpoints.emplace_back();
  endpoint.addresses = {"10.244.1.9"};
  endpoint.nodeName = "b";
  endpoint.targetRef.emplace().kind = "Pod";
  endpoint.targetRef->namespace_ = "shop";
  endpoint.targetRef->name = "web-1";
  EXPECT_FALSE(names_.identity(ip("10.244.1.9")));
  slices_.put(slice);
  const auto who = names_.identity(ip("10.244.1.9"));
  ASSERT_TRUE(who);
  EXPECT_EQ(who->namespace_ + "/" + who->name + " on " + who->node, "shop/web-1 on b");
}

}  // namespace
}  // namespace skiff::trace
