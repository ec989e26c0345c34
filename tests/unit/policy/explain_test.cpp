// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/explain.h"

#include "tests/unit/policy/random_policies.h"

namespace skiff::policy {
namespace {

class Explain : public testing::Test {
 protected:
  Explain() {
    cluster_.add_namespace("shop", {{"team", "a"}});
    cluster_.add_namespace("other", {{"team", "b"}});
    cluster_.add_pod("shop", "web", "10.244.1.2", {{"app", "web"}},
                     "{containers: [{name: a, ports: [{name: http, containerPort: 8080}]}]}");
    cluster_.add_pod("shop", "client", "10.244.2.3", {{"role", "client"}});
    cluster_.add_local("shop", "web", "10.244.1.2");
  }
  Judgement ingress(const std::string& from, uint16_t port, uint8_t protocol = IPPROTO_TCP) {
    const auto judgement = Explainer(cluster_.inputs())
                               .explain(kIngress, {.source = Cluster::ip(from),
                                                   .destination = Cluster::ip("10.244.1.2"),
                                                   .protocol = protocol,
                                                   .port = port});
    EXPECT_TRUE(judgement.has_value());
    return judgement.value_or(Judgement{});
  }
  Cluster cluster_;
};

constexpr const char* kClientTo8080 =
    "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {role: "
    "client}}}], ports: [{port: http}]}]}";

TEST_F(Explain, APodWithoutPolicyIsFree) {
  const Judgement judgement = ingress("10.244.2.3", 80);
  EXPECT_TRUE(judgement.allowed);
  EXPECT_TRUE(judgement.isolating.empty());
  EXPECT_EQ(judgement.pod, "shop/web");
}

TEST_F(Explain, NamesThePolicyAndTheRuleThatAllow) {
  cluster_.add_policy("shop", "{podSelector: {}}");
  cluster_.add_policy("shop", kClientTo8080);
  const Judgement judgement = ingress("10.244.2.3", 8080);
  EXPECT_TRUE(judgement.allowed);
  EXPECT_EQ(judgement.isolating, (std::vector<std::string>{"shop/p0", "shop/p1"}));
  EXPECT_EQ(judgement.policy, "shop/p1");
  EXPECT_EQ(judgement.rule, "ingress[0]");
  EXPECT_EQ(judgement.rule_text, "from pods role=client of shop on port \"http\"");
}

TEST_F(Explain, NamesWhatIsolatesAndWhatNearlyAllows) {
  cluster_.add_policy("shop", kClientTo8080);
  const Judgement port = ingress("10.244.2.3", 81);
  EXPECT_FALSE(port.allowed);
  EXPECT_EQ(port.isolating, std::vector<std::string>{"shop/p0"});
  ASSERT_EQ(port.near_misses.size(), 1U);
  EXPECT_EQ(port.near_misses[0],
            "shop/p0 ingress[0] has the peer, not the port: from pods role=client of shop on port "
            "\"http\"");
  const Judgement peer = ingress("192.0.2.1", 8080);
  ASSERT_EQ(peer.near_misses.size(), 1U);
  EXPECT_NE(peer.near_misses[0].find("has the port, not the peer"), std::string::npos);
  EXPECT_TRUE(ingress("192.0.2.1", 81).near_misses.empty());
}

TEST_F(Explain, BlocksAndPortsAreSaidAsTheyAreWritten) {
  cluster_.add_policy(
      "shop",
      "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, "
      "{namespaceSelector: {}}], ports: [{port: 80, endPort: 90}, {protocol: UDP}]}]}");
  EXPECT_EQ(ingress("10.0.0.1", 85).rule_text,
            "from 10.0.0.0/8 except 10.1.0.0/16 or all pods of all namespaces on TCP 80-90, UDP "
            "all ports");
  EXPECT_FALSE(ingress("10.1.0.1", 85).allowed);
  EXPECT_TRUE(ingress("10.244.2.3", 53, IPPROTO_UDP).allowed);
}

TEST_F(Explain, UntilAllIsKnownNobodyIsLetIn) {
  cluster_.inputs().complete = false;
  EXPECT_TRUE(ingress("10.244.2.3", 80).pending);
  EXPECT_FALSE(ingress("10.244.2.3", 80).allowed);
}

TEST_F(Explain, AnAddressThatIsNoPodsOfThisNodeHasNoAnswer) {
  const Question question{.source = Cluster::ip("10.244.2.3"),
                          .destination = Cluster::ip("10.244.9.9"),
                          .protocol = IPPROTO_TCP,
                          .port = 80};
  EXPECT_FALSE(Explainer(cluster_.inputs()).explain(kIngress, question).has_value());
}

// What is said and what is enforced come from the same objects by two ways.
bool table_allows(const Plan& plan, const Question& question, Direction direction) {
  const IpAddress& pod = direction == kIngress ? question.destination : question.source;
  const IpAddress& peer = direction == kIngress ? question.source : question.destination;
  const std::string ports = answer(plan, pod.to_string(), direction, peer.to_string());
  if (ports == "free" || ports == "everything") return true;
  const auto& set = *std::ranges::find_if(
      plan.port_sets, [&](const Ports& one) { return one.to_string() == ports; });
  return std::ranges::any_of(set.spans, [&](const PortSpan& span) {
    return span.protocol == question.protocol && span.first <= question.port &&
           question.port <= span.last;
  });
}

TEST(ExplainProperty, AgreesWithTheTables) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    RandomPolicies random(seed);
    Cluster cluster;
    cluster.add_namespace("shop", {{"team", "a"}});
    cluster.add_namespace("other", {{"team", "b"}});
    const std::string ports =
        "{containers: [{name: a, ports: [{name: http, containerPort: 8080}]}]}";
    std::vector<std::string> addresses{"10.89.0.2", "203.0.113.9"};
    for (int i = 0; i < 6; ++i) {
      const std::string address = fmt::format("10.244.{}.{}", i % 2, i + 1);
      const std::string ns = random.one_in(2) ? "shop" : "other";
      cluster.add_pod(ns, fmt::format("pod-{}", i), address, random.pod_labels(),
                      random.one_in(2) ? ports : "{}");
      if (i < 3) cluster.add_local(ns, fmt::format("pod-{}", i), address);
      addresses.push_back(address);
    }
    const size_t policies = 1 + random.below(5);
    for (size_t i = 0; i < policies; ++i)
      cluster.add_policy(
          random.one_in(3) ? "other" : "shop",
          random.spec({"0.0.0.0/0", "10.244.0.0/16", "10.244.0.0/24", "10.244.1.2/32"}));
    const Plan plan = cluster.plan();
    const Explainer explainer(cluster.inputs());
    for (int i = 0; i < 40; ++i) {
      const Question question{
          .source = Cluster::ip(random.any(addresses)),
          .destination = Cluster::ip(random.any(addresses)),
          .protocol = random.one_in(3) ? uint8_t{IPPROTO_UDP} : uint8_t{IPPROTO_TCP},
          .port = static_cast<uint16_t>(random.any(random.kPorts))};
      for (const Direction direction : kDirections) {
        const auto judgement = explainer.explain(direction, question);
        if (!judgement) continue;
        EXPECT_EQ(judgement->allowed, table_allows(plan, question, direction))
            << "seed " << seed << ": " << question.source.to_string() << " -> "
            << question.destination.to_string() << " port " << question.port;
      }
    }
  }
}

}  // namespace
}  // namespace skiff::policy
