// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/compile.h"

#include "tests/unit/policy/policy_fixture.h"

namespace skiff::policy {
namespace {

class Compile : public testing::Test {
 protected:
  Compile() {
    cluster_.add_namespace("shop", {{"team", "a"}});
    cluster_.add_namespace("other", {{"team", "b"}});
    cluster_.add_pod("shop", "web", "10.244.1.2", {{"app", "web"}});
    cluster_.add_pod("shop", "client", "10.244.2.3", {{"role", "client"}});
    cluster_.add_pod("other", "client", "10.244.2.4", {{"role", "client"}});
    cluster_.add_local("shop", "web", "10.244.1.2");
  }
  std::string ingress(const std::string& peer) {
    return answer(cluster_.plan(), "10.244.1.2", kIngress, peer);
  }
  std::string egress(const std::string& peer) {
    return answer(cluster_.plan(), "10.244.1.2", kEgress, peer);
  }
  Cluster cluster_;
};

TEST_F(Compile, LeavesPodsWithoutPoliciesFree) {
  cluster_.add_policy("other", "{}");
  cluster_.add_policy("shop", "{podSelector: {matchLabels: {app: db}}}");
  EXPECT_TRUE(cluster_.plan().pods.empty());
}

TEST_F(Compile, DeniesAllWhatAnEmptyPolicyIsolates) {
  cluster_.add_policy("shop", "{podSelector: {}}");
  EXPECT_EQ(ingress("10.244.2.3"), "nothing");
  EXPECT_EQ(ingress("8.8.8.8"), "nothing");
  EXPECT_EQ(egress("8.8.8.8"), "free");
  EXPECT_TRUE(cluster_.plan().tables.empty());
}

TEST_F(Compile, AnEmptyRuleAllowsAll) {
  cluster_.add_policy("shop", "{ingress: [{}]}");
  EXPECT_EQ(ingress("10.244.2.4"), "everything");
  EXPECT_EQ(ingress("2001:db8::1"), "everything");
}

TEST_F(Compile, SelectsPodsOfItsOwnNamespaceUnlessToldOtherwise) {
  cluster_.add_policy("shop",
                      "{ingress: [{from: [{podSelector: {matchLabels: {role: client}}}]}]}");
  EXPECT_EQ(ingress("10.244.2.3"), "everything");
  EXPECT_EQ(ingress("10.244.2.4"), "nothing");
}

TEST_F(Compile, SelectsAllPodsOfNamespaces) {
  cluster_.add_policy("shop",
                      "{ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}");
  EXPECT_EQ(ingress("10.244.2.3"), "nothing");
  EXPECT_EQ(ingress("10.244.2.4"), "everything");
}

TEST_F(Compile, JoinsBothSelectorsOfAPeer) {
  cluster_.add_pod("other", "job", "10.244.2.5", {{"role", "job"}});
  cluster_.add_policy("shop",
                      "{ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, "
                      "podSelector: {matchLabels: {role: client}}}]}]}");
  EXPECT_EQ(ingress("10.244.2.3"), "nothing");
  EXPECT_EQ(ingress("10.244.2.4"), "everything");
  EXPECT_EQ(ingress("10.244.2.5"), "nothing");
}

TEST_F(Compile, AddsUpWhatPoliciesAllow) {
  cluster_.add_policy("shop", "{ingress: [{ports: [{port: 80}]}]}");
  cluster_.add_policy("shop",
                      "{ingress: [{from: [{podSelector: {}}], ports: [{port: 81, endPort: 90}, "
                      "{protocol: UDP, port: 53}]}]}");
  EXPECT_EQ(ingress("10.244.2.3"), "TCP 80-90, UDP 53");
  EXPECT_EQ(ingress("10.244.2.4"), "TCP 80");
}

TEST_F(Compile, AllowsAllPortsOfAProtocol) {
  cluster_.add_policy("shop", "{ingress: [{ports: [{protocol: SCTP}]}]}");
  EXPECT_EQ(ingress("10.244.2.3"), "SCTP all ports");
}

TEST_F(Compile, TakesExceptionsOutOfBlocks) {
  cluster_.add_policy("shop", R"({ingress: [
      {from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80}]},
      {from: [{ipBlock: {cidr: 10.1.2.0/24}}], ports: [{port: 81}]}]})");
  EXPECT_EQ(ingress("10.0.0.1"), "TCP 80");
  EXPECT_EQ(ingress("10.1.0.1"), "nothing");
  EXPECT_EQ(ingress("10.1.2.1"), "TCP 81");
  EXPECT_EQ(ingress("11.0.0.1"), "nothing");
}

TEST_F(Compile, BlocksHoldForPodsToo) {
  cluster_.add_policy("shop", R"({ingress: [
      {from: [{ipBlock: {cidr: 10.244.2.0/24}}], ports: [{port: 80}]},
      {from: [{podSelector: {}}], ports: [{port: 81}]}]})");
  EXPECT_EQ(ingress("10.244.2.3"), "TCP 80-81");
  EXPECT_EQ(ingress("10.244.2.4"), "TCP 80");
}

TEST_F(Compile, BlocksOfOneFamilyLeaveTheOtherAlone) {
  cluster_.add_policy("shop", R"({ingress: [{from: [{ipBlock: {cidr: "::/0"}}]}]})");
  EXPECT_EQ(ingress("2001:db8::1"), "everything");
  EXPECT_EQ(ingress("10.0.0.1"), "nothing");
}

TEST_F(Compile, NamedPortsOfIngressAreThePodsOwn) {
  cluster_.add_pod("shop", "web", "10.244.1.2", {},
                   "{containers: [{name: a, ports: [{name: http, containerPort: 8080}, "
                   "{name: http, protocol: UDP, containerPort: 9}]}]}");
  cluster_.add_policy("shop", "{ingress: [{ports: [{port: http}, {port: unknown}]}]}");
  EXPECT_EQ(ingress("10.244.2.3"), "TCP 8080");
}

TEST_F(Compile, NamedPortsOfEgressAreEachServersOwn) {
  const auto serving = [](int port) {
    return fmt::format("{{containers: [{{name: a, ports: [{{name: db, containerPort: {}}}]}}]}}",
                       port);
  };
  cluster_.add_pod("shop", "db1", "10.244.3.1", {{"app", "db"}}, serving(5432));
  cluster_.add_pod("shop", "db2", "10.244.3.2", {{"app", "db"}}, serving(3306));
  cluster_.add_policy("shop",
                      "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: "
                      "[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: db}]}]}");
  EXPECT_EQ(egress("10.244.3.1"), "TCP 5432");
  EXPECT_EQ(egress("10.244.3.2"), "TCP 3306");
  EXPECT_EQ(egress("8.8.8.8"), "nothing");
  EXPECT_EQ(ingress("8.8.8.8"), "free");
}

TEST_F(Compile, PodsWithEqualRulesShareATable) {
  cluster_.add_pod("shop", "web2", "10.244.1.5", {{"app", "web"}, {"x", "y"}});
  cluster_.add_local("shop", "web2", "10.244.1.5");
  cluster_.add_policy("shop", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}");
  const Plan plan = cluster_.plan();
  EXPECT_EQ(plan.tables.size(), 1U);
  EXPECT_EQ(plan.pods.size(), 2U);
  // The same rule under another name is the same rule.
  cluster_.add_policy("shop",
                      "{podSelector: {matchLabels: {x: y}}, ingress: [{ports: [{port: 80}]}]}");
  EXPECT_EQ(cluster_.plan().tables.size(), 1U);
}

TEST_F(Compile, LooksPastPodsOfTheHostAndPodsThatHaveEnded) {
  cluster_.add_pod("shop", "agent", "192.0.2.1", {}, "{hostNetwork: true}");
  cluster_.add_policy("shop", "{ingress: [{from: [{podSelector: {}}]}]}");
  EXPECT_EQ(ingress("192.0.2.1"), "nothing");
  auto pod = Cluster::object<api::Pod>("status: {phase: Succeeded, podIPs: [{ip: 10.244.2.9}]}");
  EXPECT_FALSE(traits_of(pod).has_value());
}

TEST_F(Compile, KnowsAPodOfThisNodeBeforeItsAddressIsPublished) {
  cluster_.add_pod("shop", "young", "", {{"role", "client"}});
  cluster_.add_local("shop", "young", "10.244.1.9");
  cluster_.add_policy("shop",
                      "{podSelector: {matchLabels: {app: web}}, ingress: [{from: "
                      "[{podSelector: {matchLabels: {role: client}}}]}]}");
  EXPECT_EQ(ingress("10.244.1.9"), "everything");
}

TEST_F(Compile, IsolatesWhomItCannotJudgeYet) {
  cluster_.add_local("shop", "unknown", "10.244.1.7");
  EXPECT_TRUE(cluster_.plan().pods.empty()) << "no policy could select it";
  cluster_.add_policy("shop", "{podSelector: {matchLabels: {app: db}}}");
  EXPECT_EQ(answer(cluster_.plan(), "10.244.1.7", kIngress, "10.244.2.3"), "pending");
  EXPECT_EQ(ingress("10.244.2.3"), "free");
  cluster_.inputs().complete = false;
  EXPECT_EQ(egress("10.244.2.3"), "pending");
}

TEST(Ports, BecomeFewPrefixes) {
  EXPECT_EQ(port_keys(2, {.all = false, .spans = {{IPPROTO_TCP, 0, 65535}}}).size(), 1U);
  EXPECT_EQ(port_keys(2, {.all = false, .spans = {{IPPROTO_TCP, 80, 80}}}).size(), 1U);
  const auto keys = port_keys(7, {.all = false, .spans = {{IPPROTO_UDP, 1000, 2000}}});
  EXPECT_LE(keys.size(), 30U);
  // Every port of the range is in exactly one prefix, and no other port is.
  for (uint32_t port = 0; port < 65536; ++port) {
    int covered = 0;
    for (const auto& key : keys) {
      const uint32_t bits = key.prefix_bits - 48;
      const uint32_t mask = bits == 0 ? 0 : 0xffffU << (16 - bits) & 0xffffU;
      covered += (port & mask) == datapath::port_of(key.port) ? 1 : 0;
    }
    ASSERT_EQ(covered, port >= 1000 && port <= 2000 ? 1 : 0) << port;
  }
}

TEST(Ports, AreOneSetInWhateverOrderTheyAreGiven) {
  Ports one{.all = false, .spans = {{6, 81, 90}, {17, 5, 5}, {6, 80, 80}, {6, 85, 200}}};
  one.normalize();
  EXPECT_EQ(one.to_string(), "TCP 80-200, UDP 5");
  one.all = true;
  one.normalize();
  EXPECT_EQ(one.to_string(), "everything");
}

}  // namespace
}  // namespace skiff::policy
