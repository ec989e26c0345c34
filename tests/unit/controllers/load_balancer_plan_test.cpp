// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controller/controllers/load_balancer.h"

namespace skiff::controllers {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

api::Service service() {
  api::Service service;
  service.metadata.namespace_ = "shop";
  service.metadata.name = "web";
  service.spec.type = "LoadBalancer";
  service.spec.ipFamilies = {"IPv4"};
  return service;
}

AddressPools pools(std::map<std::string, std::string> data = {
                       {"lan", "10.89.0.200-10.89.0.201, fd00:10:89::200/127"}}) {
  return AddressPools::parse(data).value();
}

using Addresses = std::vector<IpAddress>;

TEST(LoadBalancerPlan, GivesTheFirstFreeAddressAFamily) {
  EXPECT_EQ(plan_load_balancer(service(), pools(), {}).addresses, (Addresses{ip("10.89.0.200")}));
  EXPECT_EQ(plan_load_balancer(service(), pools(), {ip("10.89.0.200")}).addresses,
            (Addresses{ip("10.89.0.201")}));
  api::Service dual = service();
  dual.spec.ipFamilies = {"IPv6", "IPv4"};
  EXPECT_EQ(plan_load_balancer(dual, pools(), {}).addresses,
            (Addresses{ip("fd00:10:89::200"), ip("10.89.0.200")}));
}

TEST(LoadBalancerPlan, KeepsWhatItHasWhileThePoolHasIt) {
  api::Service had = service();
  had.status.loadBalancer.ingress.push_back({.ip = "10.89.0.201"});
  EXPECT_EQ(plan_load_balancer(had, pools(), {}).addresses, (Addresses{ip("10.89.0.201")}));
  EXPECT_EQ(plan_load_balancer(had, pools({{"lan", "10.89.0.210"}}), {}).addresses,
            (Addresses{ip("10.89.0.210")}));
}

TEST(LoadBalancerPlan, AFullPoolIsSaid) {
  const LoadBalancerPlan plan =
      plan_load_balancer(service(), pools(), {ip("10.89.0.200"), ip("10.89.0.201")});
  EXPECT_TRUE(plan.addresses.empty());
  EXPECT_EQ(plan.problem, "no free IPv4 address is left in the pools");
}

TEST(LoadBalancerPlan, ASecondFamilyIsAPreferenceWhereTheServiceSaysSo) {
  api::Service dual = service();
  dual.spec.ipFamilies = {"IPv4", "IPv6"};
  const AddressPools v4 = pools({{"lan", "10.89.0.200"}});
  EXPECT_FALSE(plan_load_balancer(dual, v4, {}).problem.empty());
  dual.spec.ipFamilyPolicy = "PreferDualStack";
  EXPECT_TRUE(plan_load_balancer(dual, v4, {}).problem.empty());
}

TEST(LoadBalancerPlan, WishesAreGrantedOrRefusedWithAReason) {
  api::Service wishing = service();
  wishing.spec.loadBalancerIP = "10.89.0.201";
  EXPECT_EQ(plan_load_balancer(wishing, pools(), {}).addresses, (Addresses{ip("10.89.0.201")}));
  EXPECT_EQ(plan_load_balancer(wishing, pools(), {ip("10.89.0.201")}).problem,
            "address 10.89.0.201 belongs to another Service");
  wishing.metadata.annotations["skiff.io/load-balancer-ips"] = "192.0.2.1";
  EXPECT_EQ(plan_load_balancer(wishing, pools(), {}).problem,
            "address 192.0.2.1 is in no pool this Service may use");
  wishing.metadata.annotations["skiff.io/load-balancer-ips"] = "web";
  EXPECT_EQ(plan_load_balancer(wishing, pools(), {}).problem, "\"web\" is not an IP address");
}

TEST(LoadBalancerPlan, AServiceMayNameItsPool) {
  const AddressPools two = pools({{"a", "10.0.0.1"}, {"b", "10.0.1.1"}});
  api::Service choosing = service();
  choosing.metadata.annotations["skiff.io/load-balancer-pool"] = "b";
  EXPECT_EQ(plan_load_balancer(choosing, two, {}).addresses, (Addresses{ip("10.0.1.1")}));
  choosing.metadata.annotations["skiff.io/load-balancer-pool"] = "c";
  EXPECT_EQ(plan_load_balancer(choosing, two, {}).problem,
            "there is no pool c in ConfigMap kube-system/skiff-load-balancer-pools");
}

TEST(LoadBalancerPlan, OtherClassesAndClustersWithoutPoolsAreSomebodyElses) {
  EXPECT_FALSE(plan_load_balancer(service(), {}, {}).ours);
  api::Service foreign = service();
  foreign.spec.loadBalancerClass = "example.com/cloud";
  EXPECT_FALSE(plan_load_balancer(foreign, pools(), {}).ours);
  foreign.spec.loadBalancerClass = "skiff.io/pools";
  const LoadBalancerPlan waiting = plan_load_balancer(foreign, {}, {});
  EXPECT_TRUE(waiting.ours);
  EXPECT_EQ(waiting.problem, "ConfigMap kube-system/skiff-load-balancer-pools has no addresses");
}

TEST(LoadBalancerPlan, AChangedTypeGivesBack) {
  api::Service changed = service();
  changed.spec.type = "ClusterIP";
  changed.status.loadBalancer.ingress.push_back({.ip = "10.89.0.201"});
  const LoadBalancerPlan plan = plan_load_balancer(changed, pools(), {});
  EXPECT_TRUE(plan.ours);
  EXPECT_TRUE(plan.addresses.empty());
}

TEST(LoadBalancerPlan, PoolsThatMakeNoSenseAreNamed) {
  for (const char* text : {"10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1", "10.0.0.0/99", "lan"}) {
    const auto parsed = AddressPools::parse({{"lan", text}});
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_NE(message(parsed.status()).find("pool lan: want FIRST-LAST"), std::string_view::npos);
  }
  EXPECT_TRUE(pools().contains(ip("fd00:10:89::201")));
  EXPECT_FALSE(pools().contains(ip("fd00:10:89::202")));
}

}  // namespace
}  // namespace skiff::controllers
