// SPDX-License-Identifier: Apache-2.0
#include "cli/policy/describe.h"

#include <gmock/gmock.h>

#include "agent/policy/table_writer.h"
#include "tests/unit/policy/policy_fixture.h"

namespace skiff::policy {
namespace {

using testing::ElementsAre;

api::Pod pod_of(const std::string& name, const std::string& address) {
  api::Pod pod;
  pod.metadata.namespace_ = "shop";
  pod.metadata.name = name;
  pod.status.podIPs = {{.ip = address}};
  return pod;
}

TEST(DescribePolicy, SaysWhatTheMapsHold) {
  Cluster cluster;
  cluster.add_namespace("shop");
  cluster.add_pod("shop", "web", "10.244.1.2", {{"app", "web"}});
  cluster.add_pod("shop", "client", "10.244.2.3", {{"role", "client"}});
  cluster.add_local("shop", "web", "10.244.1.2");
  cluster.add_policy("shop",
                     "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: "
                     "{matchLabels: {role: client}}}], ports: [{port: 80}, {protocol: UDP, port: "
                     "1024, endPort: 2047}]}, {from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}");
  datapath::Maps maps = datapath::memory_maps();
  TableWriter writer(maps);
  ASSERT_TRUE(writer.apply(cluster.plan()).ok());
  const auto web = pod_of("web", "10.244.1.2"), client = pod_of("client", "10.244.2.3");
  const auto lines = cli::describe_policy(maps, web, {web, client});
  ASSERT_TRUE(lines.ok()) << message(lines.status());
  EXPECT_THAT(*lines,
              ElementsAre("shop/web 10.244.1.2", "  ingress: isolated, rules of table 1",
                          "    from 10.244.2.3 (shop/client): TCP 80, UDP 1024-2047",
                          "    from 192.0.2.0/24: everything", "    from anybody else: nothing",
                          "  egress: not isolated, everything passes"));
  const auto other = cli::describe_policy(maps, client, {web, client});
  ASSERT_TRUE(other.ok());
  EXPECT_THAT(*other,
              ElementsAre("shop/client 10.244.2.3", "  ingress: not isolated, everything passes",
                          "  egress: not isolated, everything passes"));
}

}  // namespace
}  // namespace skiff::policy
