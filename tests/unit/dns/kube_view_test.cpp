// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/kube_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dns/fake_view.h"

namespace skiff::dns {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KubeViewTest : public ::testing::Test {
 protected:
  void put_service(const std::string& name, const std::function<void(api::Service&)>& change) {
    auto service = std::make_shared<api::Service>();
    service->metadata.namespace_ = "shop";
    service->metadata.name = name;
    change(*service);
    services_.put(service);
  }
  void put_slice(const std::string& name, const std::string& service,
                 std::vector<api::Endpoint> endpoints) {
    auto slice = std::make_shared<api::EndpointSlice>();
    slice->metadata.namespace_ = "shop";
    slice->metadata.name = name;
    slice->metadata.labels["kubernetes.io/service-name"] = service;
    slice->ports = {{.name = "sql", .protocol = "TCP", .port = 5432}};
    slice->endpoints = std::move(endpoints);
    slices_.put(slice);
  }

  asio::io_context io_;
  kube::Store<api::Service> services_{io_.get_executor()};
  kube::Store<api::EndpointSlice> slices_{io_.get_executor()};
  KubeView view_{services_, slices_};
};

TEST_F(KubeViewTest, ReadsClusterAddressesOfBothFamilies) {
  put_service("web", [](api::Service& service) {
    service.spec.clusterIP = "10.96.7.7";
    service.spec.clusterIPs = {"10.96.7.7", "fd00:10:96::7"};
    service.spec.ports = {{.name = "http", .protocol = "TCP", .port = 80}};
  });
  const auto entry = view_.service("shop", "web");
  ASSERT_TRUE(entry);
  EXPECT_THAT(entry->cluster_addresses, ElementsAre(ip("10.96.7.7"), ip("fd00:10:96::7")));
  EXPECT_EQ(entry->ports[0].protocol, "tcp");
  EXPECT_THAT(view_.names_of(ip("fd00:10:96::7")), ElementsAre("web.shop.svc"));
  EXPECT_TRUE(view_.has_namespace("shop"));
  EXPECT_FALSE(view_.has_namespace("sho"));
  EXPECT_FALSE(view_.service("shop", "other"));
}

TEST_F(KubeViewTest, GathersReadyEndpointsOfAllSlices) {
  put_service("db", [](api::Service& service) { service.spec.clusterIP = "None"; });
  put_slice("db-v4", "db",
            {{.addresses = {"10.244.0.5"}, .hostname = "db-0"},
             {.addresses = {"10.244.0.6"}, .conditions = {.ready = false}, .hostname = "db-1"},
             {.addresses = {"10.244.0.7"}}});
  put_slice("db-v6", "db", {{.addresses = {"fd00::5"}, .hostname = "db-0"}});
  put_slice("other", "other", {{.addresses = {"10.244.0.9"}}});
  const auto entry = view_.service("shop", "db");
  ASSERT_TRUE(entry && entry->headless);
  ASSERT_EQ(entry->endpoints.size(), 2u);
  EXPECT_EQ(entry->endpoints[0].host, "db-0");
  EXPECT_THAT(entry->endpoints[0].addresses, ElementsAre(ip("10.244.0.5"), ip("fd00::5")));
  EXPECT_EQ(entry->endpoints[1].host, "10-244-0-7");
  EXPECT_THAT(view_.names_of(ip("10.244.0.5")), ElementsAre("db-0.db.shop.svc"));
  EXPECT_THAT(view_.names_of(ip("10.244.0.6")), IsEmpty()) << "not ready";
  EXPECT_THAT(view_.names_of(ip("10.244.0.9")), IsEmpty()) << "not of a headless service";
}

TEST_F(KubeViewTest, FollowsChanges) {
  put_service("db", [](api::Service& service) { service.spec.clusterIP = "None"; });
  put_slice("a", "db", {{.addresses = {"10.244.0.5"}}});
  put_slice("a", "db", {{.addresses = {"10.244.0.8"}}});
  EXPECT_THAT(view_.names_of(ip("10.244.0.5")), IsEmpty());
  EXPECT_THAT(view_.names_of(ip("10.244.0.8")), ElementsAre("10-244-0-8.db.shop.svc"));
  put_service("db", [](api::Service& service) {
    service.spec.type = "ExternalName";
    service.spec.externalName = "x.example.com";
  });
  EXPECT_EQ(view_.service("shop", "db")->external_name, "x.example.com");
}

TEST_F(KubeViewTest, IsReadyWhenBothStoresAre) {
  EXPECT_FALSE(view_.ready());
  services_.replace({});
  EXPECT_FALSE(view_.ready());
  slices_.replace({});
  EXPECT_TRUE(view_.ready());
}

}  // namespace
}  // namespace skiff::dns
