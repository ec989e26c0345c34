// SPDX-License-Identifier: Apache-2.0
// The proxy as a whole: stores in, maps in memory out, a machine that only notes what is asked.
#include "agent/proxy/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "agent/datapath/memory_map.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

api::Service service(const char* name, const char* cluster_ip, const char* protocol = "TCP") {
  api::Service made;
  made.metadata.namespace_ = "shop";
  made.metadata.name = name;
  made.spec.type = "ClusterIP";
  made.spec.clusterIP = cluster_ip;
  made.spec.clusterIPs = {cluster_ip};
  made.spec.ipFamilies = {"IPv4"};
  made.spec.ports = {{.name = "p", .protocol = protocol, .port = 80}};
  return made;
}

struct Endpoint {
  const char* address;
  const char* node = "a";
  bool terminating = false;
};

api::EndpointSlice slice(const char* of, std::vector<Endpoint> endpoints,
                         const char* protocol = "TCP") {
  api::EndpointSlice made;
  made.metadata.namespace_ = "shop";
  made.metadata.name = of;
  made.metadata.labels["kubernetes.io/service-name"] = of;
  made.addressType = "IPv4";
  api::EndpointSlicePort& port = made.ports.emplace_back();
  port.name = "p";
  port.protocol = protocol;
  port.port = 8080;
  for (const Endpoint& each : endpoints) {
    api::Endpoint& endpoint = made.endpoints.emplace_back();
    endpoint.addresses = {each.address};
    endpoint.nodeName = each.node;
    endpoint.conditions.ready = !each.terminating;
    endpoint.conditions.serving = true;
    endpoint.conditions.terminating = each.terminating;
  }
  return made;
}

api::Node node(const char* name, const char* address, bool ready = true) {
  api::Node made;
  made.metadata.name = name;
  made.status.addresses.push_back({.type = "InternalIP", .address = address});
  api::NodeCondition condition;
  condition.type = "Ready";
  condition.status = ready ? "True" : "Unknown";
  made.status.conditions.push_back(condition);
  return made;
}

class ProxyTest : public ::testing::Test {
 protected:
  // The versions of objects rise with each put.
  template <class T>
  std::shared_ptr<const T> share(T object) {
    object.metadata.resourceVersion = std::to_string(++version_);
    return std::make_shared<const T>(std::move(object));
  }
  void sync() {
    services_.replace(services_.list());
    slices_.replace(slices_.list());
    nodes_.replace(nodes_.list());
  }
  ProxyMachine machine() {
    return {.maps = maps_,
            .set_nodes =
                [this](std::span<const datapath::NodeAddress> addresses) {
                  node_addresses_ = addresses.size();
                  return absl::OkStatus();
                },
            .set_ranges = [](auto, auto) { return absl::OkStatus(); },
            .own_addresses = [] { return std::vector<IpAddress>(); },
            .ports_in_use = [](const PortRange&) { return std::set<uint16_t>{61005}; },
            .abort_sockets = [this](std::vector<datapath::StaleSocket> stale) -> Result<int> {
              std::erase_if(stale, [this](const datapath::StaleSocket& each) {
                return each.protocol != protocols_.at(each.cookie);
              });
              for (const datapath::StaleSocket& each : stale) aborted_.push_back(each.cookie);
              return static_cast<int>(stale.size());
            },
            .segments = [] { return std::vector<Cidr>(); },
            .announce = [this](std::set<IpAddress> addresses) { announced_ = addresses; }};
  }
  void start() {
    proxy_ = std::make_unique<Proxy>(
        loop_.get_executor(),
        ProxyOptions{.node_name = "a", .answered_here = {ip("10.96.0.10")}, .metrics = registry_},
        ProxyStores{services_, slices_, nodes_}, machine(), clock_);
    ASSERT_TRUE(proxy_->start().ok());
    turn();
  }
  // Everything that is ready runs.
  void turn() {
    loop_.restart();
    loop_.poll();
  }
  template <class Holds>
  void until(Holds holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(20ms);
    }
    EXPECT_TRUE(holds());
  }
  std::optional<datapath::Frontend> entry(const char* address, uint16_t port = 80,
                                          uint8_t protocol = IPPROTO_TCP) {
    return maps_.frontends
        ->get({.address = datapath::to_abi(ip(address)),
               .port = datapath::port_be(port),
               .protocol = protocol})
        .value();
  }
  // Before start(), which looks at what sockets there are in a thread of its own.
  void balance(uint64_t cookie, const char* asked, const char* backend,
               uint8_t protocol = IPPROTO_TCP) {
    const auto place = [](const char* address, uint16_t port) {
      return datapath::SocketAddress{
          .address = datapath::to_abi(ip(address)), .port = datapath::port_be(port), .pad = 0};
    };
    ASSERT_TRUE(
        maps_.reverse_sockets->put({cookie, place(backend, 8080), 0}, {place(asked, 80), 1}).ok());
    protocols_[cookie] = protocol;
  }

  asio::io_context loop_;
  kube::Store<api::Service> services_{loop_.get_executor()};
  kube::Store<api::EndpointSlice> slices_{loop_.get_executor()};
  kube::Store<api::Node> nodes_{loop_.get_executor()};
  datapath::Maps maps_ = datapath::memory_maps();
  metrics::Registry registry_;
  FakeClock clock_;
  std::unique_ptr<Proxy> proxy_;
  size_t node_addresses_ = 0;
  std::map<uint64_t, uint8_t> protocols_;  // of sockets, by cookie; the map does not say
  std::vector<uint64_t> aborted_;
  std::set<IpAddress> announced_;
  int version_ = 0;
};

TEST_F(ProxyTest, NothingGoesBeforeEverythingWasListed) {
  FrontendWriter earlier(maps_, clock_);
  for (const char* address : {"10.96.0.1", "10.96.0.2"})
    ASSERT_TRUE(earlier
                    .apply(address, {{.key = {ip(address), 80, IPPROTO_TCP, Scope::kInternal},
                                      .service = fmt::format("shop/{}:p", address)}})
                    .ok());
  services_.put(share(service("web", "10.96.0.1")));
  services_.replace(services_.list());
  slices_.replace({});
  start();
  EXPECT_TRUE(entry("10.96.0.2")) << "nodes have not been listed yet";
  EXPECT_FALSE(proxy_->synced());
  nodes_.replace({share(node("a", "10.89.0.2"))});
  turn();
  EXPECT_TRUE(proxy_->synced());
  EXPECT_TRUE(entry("10.96.0.1"));
  EXPECT_FALSE(entry("10.96.0.2")) << "nobody has claimed it";
  EXPECT_EQ(node_addresses_, 1u);
}

TEST_F(ProxyTest, NothingGoesWhileAServiceThatStaysIsNotWritten) {
  FrontendWriter earlier(maps_, clock_);
  ASSERT_TRUE(earlier
                  .apply("gone", {{.key = {ip("10.96.0.2"), 80, IPPROTO_TCP, Scope::kInternal},
                                   .service = "shop/gone:p"}})
                  .ok());
  services_.put(share(service("web", "10.96.0.1")));
  sync();
  auto& frontends = static_cast<datapath::MemoryMap<datapath::FrontendKey, datapath::Frontend>&>(
      *maps_.frontends);
  frontends.refuses_puts = true;
  start();
  EXPECT_FALSE(entry("10.96.0.1"));
  EXPECT_TRUE(entry("10.96.0.2"));
  frontends.refuses_puts = false;
  until([&] { return entry("10.96.0.1") && !entry("10.96.0.2"); });
}

TEST_F(ProxyTest, ChangesOfServicesAndSlicesReachTheMaps) {
  sync();
  start();
  services_.put(share(service("web", "10.96.0.1")));
  slices_.put(share(slice("web", {{"10.244.0.5"}})));
  until([&] { return entry("10.96.0.1") && entry("10.96.0.1")->count == 1; });
  slices_.put(share(slice("web", {{"10.244.0.5"}, {"10.244.0.6"}})));
  until([&] { return entry("10.96.0.1")->count == 2; });
  services_.erase({"shop", "web"});
  until([&] { return !entry("10.96.0.1"); });
}

TEST_F(ProxyTest, AnAddressThatThisNodeAnswersItselfHasNoFrontend) {
  services_.put(share(service("dns", "10.96.0.10")));
  sync();
  start();
  EXPECT_FALSE(entry("10.96.0.10"));
}

TEST_F(ProxyTest, OtherPortsOfALoadBalancersAddressAreRefusedAsLongAsItIsOne) {
  api::Service balanced = service("web", "10.96.0.1");
  balanced.spec.type = "LoadBalancer";
  balanced.status.loadBalancer.ingress.push_back({.ip = "192.0.2.80"});
  services_.put(share(balanced));
  sync();
  start();
  ASSERT_TRUE(entry("192.0.2.80", 0, 0));
  EXPECT_TRUE(entry("192.0.2.80", 0, 0)->flags & SKIFF_FRONTEND_WILDCARD);
  services_.erase({"shop", "web"});
  until([&] { return !entry("192.0.2.80", 0, 0); });
}

TEST_F(ProxyTest, DatagramSocketsWhoseBackendLeftAreEnded) {
  services_.put(share(service("dns", "10.96.0.1", "UDP")));
  slices_.put(share(slice("dns", {{"10.244.0.5"}, {"10.244.0.6"}}, "UDP")));
  balance(1, "10.96.0.1", "10.244.0.5", IPPROTO_UDP);
  balance(2, "10.96.0.1", "10.244.0.6", IPPROTO_UDP);
  sync();
  start();
  slices_.put(share(slice("dns", {{"10.244.0.5"}}, "UDP")));
  until([&] { return !aborted_.empty(); });
  EXPECT_THAT(aborted_, ElementsAre(2u));
}

TEST_F(ProxyTest, ConnectionsToAPodThatEndedAreEndedOnceItIsNoEndpoint) {
  services_.put(share(service("web", "10.96.0.1")));
  slices_.put(share(slice("web", {{"10.244.0.5"}, {"10.244.0.6"}, {"10.244.0.7"}})));
  balance(1, "10.96.0.1", "10.244.0.5");
  balance(2, "10.96.0.1", "10.244.0.6");
  balance(3, "10.96.0.1", "10.244.0.7");
  sync();
  start();
  slices_.put(share(slice("web", {{"10.244.0.5"}, {"10.244.0.6", "a", true}})));
  until([&] { return entry("10.96.0.1")->count == 1; });
  turn();
  EXPECT_THAT(aborted_, IsEmpty()) << "one drains, the other was taken out of the Service alive";
  slices_.put(share(slice("web", {{"10.244.0.5"}})));
  until([&] { return !aborted_.empty(); });
  EXPECT_THAT(aborted_, ElementsAre(2u));
}

TEST_F(ProxyTest, ConnectionsToPodsOfALostNodeAreEndedToo) {
  services_.put(share(service("web", "10.96.0.1")));
  slices_.put(share(slice("web", {{"10.244.0.5"}, {"10.244.1.5", "b"}})));
  nodes_.put(share(node("a", "10.89.0.2", false)));  // this one is live to itself
  nodes_.put(share(node("b", "10.89.0.3")));
  balance(1, "10.96.0.1", "10.244.1.5");
  sync();
  start();
  nodes_.put(share(node("b", "10.89.0.3", false)));
  const auto leaving = [&](uint32_t offset) {
    const auto backend = maps_.backends->get(entry("10.96.0.1")->base + offset).value();
    return (backend->flags & SKIFF_BACKEND_LEAVING) != 0;
  };
  until([&] { return leaving(1); });
  EXPECT_FALSE(leaving(0));
  EXPECT_THAT(aborted_, IsEmpty()) << "its pods may come back";
  slices_.put(share(slice("web", {{"10.244.0.5"}})));  // forced away
  until([&] { return !aborted_.empty(); });
  EXPECT_THAT(aborted_, ElementsAre(1u));
}

TEST_F(ProxyTest, AnswersForTheAddressesThatAreThisNodes) {
  api::Service balanced = service("web", "10.96.0.1");
  balanced.spec.type = "LoadBalancer";
  balanced.status.loadBalancer.ingress.push_back({.ip = "192.0.2.80"});
  api::Condition condition;
  condition.type = kPoolAddressCondition;
  condition.status = "True";
  balanced.status.conditions.push_back(condition);
  services_.put(share(balanced));
  nodes_.put(share(node("a", "10.89.0.2")));
  sync();
  start();
  EXPECT_THAT(announced_, ElementsAre(ip("192.0.2.80")));
  nodes_.put(share(node("a", "10.89.0.2", false)));
  turn();
  EXPECT_THAT(announced_, IsEmpty()) << "it is not Ready";
  nodes_.put(share(node("a", "10.89.0.2")));
  turn();
  EXPECT_THAT(announced_, ElementsAre(ip("192.0.2.80")));
  services_.erase({"shop", "web"});
  until([&] { return announced_.empty(); });
}

TEST_F(ProxyTest, PortsThatProcessesHoldAreNotForMasquerading) {
  sync();
  ASSERT_TRUE(maps_.reserved_ports->put(61200 / 64, 1).ok());  // an earlier agent's
  start();
  until([&] { return maps_.reserved_ports->get(61200 / 64).value() == 0u; });
  EXPECT_EQ(maps_.reserved_ports->get(61005 / 64).value(), uint64_t{1} << (61005 % 64));
  EXPECT_EQ(maps_.reserved_ports->get(61200 / 64).value(), 0u);
}

}  // namespace
}  // namespace skiff::proxy
