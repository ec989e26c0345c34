// SPDX-License-Identifier: Apache-2.0
// Queues of pods with limits, as ADD, CHECK, a restart and uninstalling leave them. Where the
// kernel has fq what a pod sends waits at the uplink, else at the pod's end: both are right.
#include "agent/network/shaping.h"

#include <gmock/gmock.h>

#include "agent/net/route.h"
#include "tests/integration/cni/node.h"

namespace skiff::network {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLimits =
    R"(,"runtimeConfig":{"bandwidth":{"ingressRate":20000000,"ingressBurst":4294967295,)"
    R"("egressRate":10000000,"egressBurst":4294967295}})";

class ShapingTest : public skiff::testing::NodeTest {
 protected:
  void SetUp() override {
    NodeTest::SetUp();
    if (IsSkipped()) return;
    auto netlink = net::Netlink::open();
    ASSERT_OK(net::create_veth(*netlink, {.end = {.name = "uplink"}, .peer = {.name = "wire"}}));
    ASSERT_OK(net::set_up(*netlink, "uplink"));  // one that is down has no queue
    uplink_.index = net::get_link(*netlink, "uplink")->index;
    uplink_.name = options_.uplink = "uplink";
    if (!net::replace_token_bucket(*netlink, uplink_.index, token_bucket(1'000'000, 0)).ok())
      GTEST_SKIP() << "this kernel has no token bucket: only the programs limit";
    ASSERT_OK(net::delete_root_qdisc(*netlink, uplink_.index));
    start_with_ranges();
  }
  std::string root_of(int link_index) {
    auto netlink = net::Netlink::open();
    const auto qdiscs = net::list_qdiscs(*netlink, link_index);
    return qdiscs.ok() && !qdiscs->empty() ? qdiscs->front().kind : "";
  }
  std::string root_in_pod() {
    std::string kind;
    EXPECT_OK(pod(0).run([&]() -> Status {
      ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
      ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, "eth0"));
      kind = root_of(link.index);
      return absl::OkStatus();
    }));
    return kind;
  }
  void expect_shaped() {
    const Attachment* pod = network_->find("c1");
    ASSERT_NE(pod, nullptr);
    EXPECT_TRUE(pod->shaping.ingress_queued);
    EXPECT_EQ(root_of(pod->host_index), "tbf");
    const bool paced = root_of(uplink_.index) == "fq";
    EXPECT_EQ(pod->shaping.paced_uplink, paced ? uplink_.index : 0);
    EXPECT_EQ(pod->shaping.egress_queued, !paced);
    EXPECT_EQ(root_in_pod() == "tbf", !paced);
  }

  Uplink uplink_;
};

TEST_F(ShapingTest, APodWithLimitsGetsQueuesAndOneWithoutNone) {
  ASSERT_EQ(call("ADD", "c1", make_pod(), kLimits).exit_code, 0);
  expect_shaped();
  ASSERT_EQ(call("ADD", "c2", make_pod()).exit_code, 0);
  EXPECT_EQ(root_of(network_->find("c2")->host_index), "noqueue");
  EXPECT_EQ(network_->find("c2")->shaping, Shaping{});
}

TEST_F(ShapingTest, CheckNamesAQueueThatIsMissing) {
  const std::string netns = make_pod();
  ASSERT_EQ(call("ADD", "c1", netns, kLimits).exit_code, 0);
  EXPECT_EQ(call("CHECK", "c1", netns, R"(,"prevResult":{})").exit_code, 0);
  auto netlink = net::Netlink::open();
  ASSERT_OK(net::delete_root_qdisc(*netlink, network_->find("c1")->host_index));
  EXPECT_THAT(call("CHECK", "c1", netns, R"(,"prevResult":{})").output, HasSubstr("token bucket"));
}

TEST_F(ShapingTest, ARestartFindsOrRenewsThem) {
  ASSERT_EQ(call("ADD", "c1", make_pod(), kLimits).exit_code, 0);
  auto netlink = net::Netlink::open();
  ASSERT_OK(net::delete_root_qdisc(*netlink, network_->find("c1")->host_index));
  stop();
  start_with_ranges();
  expect_shaped();
}

TEST_F(ShapingTest, AQueueThatSomebodyChoseForTheUplinkStays) {
  auto netlink = net::Netlink::open();
  ASSERT_OK(net::replace_token_bucket(*netlink, uplink_.index, token_bucket(1'000'000'000, 0)));
  ASSERT_EQ(call("ADD", "c1", make_pod(), kLimits).exit_code, 0);
  EXPECT_EQ(root_of(uplink_.index), "tbf");
  EXPECT_TRUE(network_->find("c1")->shaping.egress_queued);
  ASSERT_OK(remove_uplink_queues(*netlink));
  EXPECT_EQ(root_of(uplink_.index), "tbf");
}

TEST_F(ShapingTest, UninstallingGivesTheUplinkItsOwnQueueBack) {
  ASSERT_EQ(call("ADD", "c1", make_pod(), kLimits).exit_code, 0);
  auto netlink = net::Netlink::open();
  ASSERT_OK(remove_uplink_queues(*netlink));
  EXPECT_EQ(root_of(uplink_.index), "noqueue");
}

}  // namespace
}  // namespace skiff::network
