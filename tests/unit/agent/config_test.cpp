// SPDX-License-Identifier: Apache-2.0
#include "agent/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<Config> parse(std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"skiff-agent", "--node-name=a", "--node-ip=10.89.0.2"});
  std::vector<char*> argv;
  for (std::string& flag : flags) argv.push_back(flag.data());
  std::string help;
  return parse_command_line(static_cast<int>(argv.size()), argv.data(), help);
}

TEST(ServiceFlags, WhatNobodySaysIsAsKubernetesHasIt) {
  const auto config = parse({});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->node_ports.first, 30000);
  EXPECT_EQ(config->node_ports.last, 32767);
  EXPECT_EQ(config->snat_ports.first, 61000);
  EXPECT_TRUE(config->node_port_addresses.primary());
  EXPECT_THAT(config->non_masquerade_ranges, IsEmpty());
  EXPECT_THAT(config->socket_lb_handlers, ElementsAre("crun", "runc"));
  EXPECT_FALSE(config->policy_rejects);
  EXPECT_FALSE(config->direct_answers);
  EXPECT_FALSE(config->node_port_xdp);
}

TEST(ServiceFlags, AreReadWhole) {
  const auto config =
      parse({"--service-node-port-range=20000-20999", "--snat-port-range=50000-50999",
             "--nodeport-addresses=10.0.0.0/8,fd00::/8",
             "--non-masquerade-cidrs=192.168.0.0/16,fd01::/64", "--socket-lb-handlers=runc,youki",
             "--policy-deny-response=reject", "--load-balancer-mode=dsr",
             "--node-port-acceleration=native"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->node_ports.last, 20999);
  EXPECT_EQ(config->snat_ports.last, 50999);
  EXPECT_FALSE(config->node_port_addresses.primary());
  EXPECT_EQ(config->non_masquerade_ranges.size(), 2u);
  EXPECT_THAT(config->socket_lb_handlers, ElementsAre("runc", "youki"));
  EXPECT_TRUE(config->policy_rejects);
  EXPECT_TRUE(config->direct_answers);
  EXPECT_TRUE(config->node_port_xdp);
}

TEST(ServiceFlags, ThatNeedANetworkOfOursSaySo) {
  for (const std::string_view flag :
       {"--load-balancer-mode=dsr", "--node-port-acceleration=native"}) {
    const auto config = parse({"--roles=proxy,trace", std::string(flag)});
    ASSERT_FALSE(config.ok()) << flag;
    EXPECT_THAT(std::string(message(config.status())), HasSubstr("want role network"));
  }
  const auto config = parse({"--load-balancer-mode=dsr", "--overlay=never"});
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(message(config.status())), HasSubstr("--overlay auto or always"));
}

TEST(Flags, LengthsOfTimeHaveUnits) {
  EXPECT_EQ(parse({})->node_lease_duration, std::chrono::seconds(40));
  EXPECT_EQ(parse({"--node-lease-duration=8s"})->node_lease_duration, std::chrono::seconds(8));
  EXPECT_EQ(parse({"--node-lease-duration=2m"})->node_lease_duration, std::chrono::seconds(120));
  EXPECT_EQ(parse({"--node-lease-duration=9"})->node_lease_duration, std::chrono::seconds(9));
}

struct Wrong {
  std::string flag;
  std::string named;  // in the error
};

class WrongFlag : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongFlag, IsNamedWithItsValue) {
  const auto config = parse({GetParam().flag});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(message(config.status())), HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongFlag,
    ::testing::Values(Wrong{"--service-node-port-range=32767-30000", "--service-node-port-range"},
                      Wrong{"--snat-port-range=70000-70001", "--snat-port-range"},
                      Wrong{"--snat-port-range=32000-33000", "overlaps --service-node-port-range"},
                      Wrong{"--nodeport-addresses=eth0", "--nodeport-addresses"},
                      Wrong{"--non-masquerade-cidrs=10.0.0.0/33", "--non-masquerade-cidrs"},
                      Wrong{"--policy-deny-response=perhaps", "--policy-deny-response"},
                      Wrong{"--node-lease-duration=0s", "--node-lease-duration"},
                      Wrong{"--node-lease-duration=8d", "--node-lease-duration"},
                      Wrong{"--load-balancer-mode=ipip", "--load-balancer-mode"},
                      Wrong{"--node-port-acceleration=generic", "--node-port-acceleration"},
                      Wrong{"--roles=policy", "--roles"}));

}  // namespace
}  // namespace skiff::agent
