// SPDX-License-Identifier: Apache-2.0
#include "agent/policy_fact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/datapath/memory_map.h"

namespace skiff::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PolicyFactTest : public ::testing::Test {
 protected:
  trace::PolicyFact fact(bool allowed) {
    return policy_fact(policy::kIngress, question_, {.pod = "shop/web-1", .allowed = allowed},
                       maps_);
  }
  template <class K, class V>
  static void refuse_reads(const std::unique_ptr<datapath::Map<K, V>>& map) {
    dynamic_cast<datapath::MemoryMap<K, V>&>(*map).refuses_reads = true;
  }

  datapath::Maps maps_ = datapath::memory_maps();
  const policy::Question question_{.source = *IpAddress::parse("10.244.0.5"),
                                   .destination = *IpAddress::parse("10.244.1.7"),
                                   .protocol = 6,
                                   .port = 8080};
};

TEST_F(PolicyFactTest, TablesThatSayTheSameAreNoNews) {
  const trace::PolicyFact same = fact(true);
  EXPECT_EQ(same.to, "10.244.1.7:8080");
  EXPECT_FALSE(same.tables_differ);
  EXPECT_THAT(same.tables_problem, IsEmpty());
}

TEST_F(PolicyFactTest, TablesThatSayOtherwiseDiffer) {
  EXPECT_TRUE(fact(false).tables_differ);
}

TEST_F(PolicyFactTest, TablesThatCannotBeLookedUpAreNeitherEqualNorDifferent) {
  refuse_reads(maps_.pod_policies);
  const trace::PolicyFact unknown = fact(false);
  EXPECT_THAT(unknown.tables_problem, HasSubstr("read refused"));
  EXPECT_FALSE(unknown.tables_differ);
}

TEST_F(PolicyFactTest, AnExemptionThatCannotBeLookedUpIsSaid) {
  refuse_reads(maps_.nodes);
  EXPECT_THAT(fact(false).tables_problem, HasSubstr("read refused"));
}

}  // namespace
}  // namespace skiff::agent
