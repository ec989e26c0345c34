// SPDX-License-Identifier: Apache-2.0
#include "agent/network/local_ports.h"

#include <gtest/gtest.h>

namespace skiff::network {
namespace {

constexpr PortRange kOurs{61000, 65535};

std::string planned(const PortRange& local, const std::vector<PortRange>& reserved = {}) {
  const auto plan = plan_reserved_ports(kOurs, local, reserved);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() && *plan ? to_string(**plan) : "as it is";
}

TEST(ReservedPorts, StayWhereTheKernelGivesOutOthers) {
  EXPECT_EQ(planned({32768, 60999}), "as it is");
}

TEST(ReservedPorts, HoldOurRangeWhereTheKernelWouldGiveItOut) {
  EXPECT_EQ(planned({1024, 65535}), "61000-65535");
  EXPECT_EQ(planned({32768, 61000}), "61000-65535");
}

TEST(ReservedPorts, KeepWhatWasReservedBefore) {
  EXPECT_EQ(planned({1024, 65535}, {{8080, 8080}, {60990, 62000}}), "8080,60990-65535");
  EXPECT_EQ(planned({1024, 65535}, {{8080, 8080}, {61000, 65535}}), "as it is");
}

TEST(ReservedPorts, AreRefusedIfNoneWouldBeLeft) {
  EXPECT_FALSE(plan_reserved_ports(kOurs, {61000, 65535}, {}).ok());
  EXPECT_FALSE(plan_reserved_ports(kOurs, {60000, 65535}, {{60000, 60999}}).ok());
  EXPECT_TRUE(plan_reserved_ports(kOurs, {60999, 65535}, {}).ok());
}

}  // namespace
}  // namespace skiff::network
