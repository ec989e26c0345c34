// SPDX-License-Identifier: Apache-2.0
// A pod that pretends to be somebody else, or a router.
#include <linux/pkt_cls.h>

#include <gtest/gtest.h>

#include "tests/bpf/harness.h"

namespace skiff::testing {
namespace {

constexpr size_t kIcmp4 = 14 + 20, kIcmp6 = 14 + 40;
constexpr const char* kPod4 = "10.244.0.5";
constexpr const char* kPod6 = "fd00:10:244::5";

class NeighbourTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = isolate_process()) GTEST_SKIP() << *reason;
    datapath::DatapathOptions options;
    options.check_pod_mac = true;
    auto made = Harness::create(options);
    ASSERT_TRUE(made.ok()) << made.status();
    harness_ = std::move(*made);
    ASSERT_TRUE(harness_->reset().ok());
  }

  static PacketBuilder from_pod(std::string_view source, std::string_view destination) {
    return PacketBuilder(source, 40000, destination, 80)
        .macs(Harness::kPodGatewayMac, Harness::kPodMac);
  }
  // An ICMP message of any type: an echo request whose type is changed. The programs check no sums.
  static Frame icmp(std::string_view source, std::string_view destination, uint8_t type,
                    std::string_view body = "") {
    Frame frame = from_pod(source, destination).echo_request(0).payload(body).build();
    frame[source.find(':') == std::string_view::npos ? kIcmp4 : kIcmp6] = type;
    return frame;
  }
  static Frame arp(const IpAddress& sender, const datapath::MacAddress& mac) {
    Frame frame(14 + 28);
    std::ranges::copy(Harness::kPodMac, frame.begin() + 6);
    frame[12] = 0x08, frame[13] = 0x06;
    std::ranges::copy(mac, frame.begin() + 14 + 8);
    std::copy_n(sender.bytes().begin() + 12, 4, frame.begin() + 14 + 14);
    return frame;
  }
  static std::string bytes_of(std::string_view address) {
    const auto bytes = IpAddress::parse(address)->bytes();
    return {bytes.begin(), bytes.end()};
  }

  void expect_drop(const Frame& frame, const char* reason) {
    const uint64_t before = harness_->reason(reason);
    const auto result = harness_->run(Program::kFromPod, frame);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->action, TC_ACT_SHOT) << reason;
    EXPECT_EQ(harness_->reason(reason), before + 1) << reason;
  }
  void expect_no_drop(const Frame& frame) {
    const auto result = harness_->run(Program::kFromPod, frame);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_NE(result->action, TC_ACT_SHOT);
  }

  std::unique_ptr<Harness> harness_;
};

TEST_F(NeighbourTest, SendsFromItsOwnAddressesAndMacOnly) {
  expect_no_drop(from_pod(kPod4, "10.244.0.6").tcp(kSyn).build());
  expect_no_drop(from_pod(kPod6, "fd00:10:244::6").tcp(kSyn).build());
  expect_drop(from_pod("10.244.0.6", "10.244.0.7").tcp(kSyn).build(), "bad_source");
  expect_drop(from_pod("10.244.0.6", "224.0.0.1").udp().build(), "bad_source");
  for (const auto& [source, to] : {std::pair(kPod4, "10.244.0.6"), {kPod6, "fd00:10:244::6"}})
    expect_drop(
        from_pod(source, to).macs(Harness::kPodGatewayMac, Harness::kOtherPodMac).tcp(kSyn).build(),
        "bad_mac");
}

TEST_F(NeighbourTest, AnswersArpForItselfOnly) {
  const auto own = *IpAddress::parse(kPod4);
  expect_no_drop(arp(own, Harness::kPodMac));
  expect_no_drop(arp(IpAddress::v4(0), Harness::kPodMac));
  expect_drop(arp(own, Harness::kOtherPodMac), "bad_neighbour");
  expect_drop(arp(*IpAddress::parse("10.89.0.1"), Harness::kPodMac), "bad_neighbour");
}

TEST_F(NeighbourTest, AdvertisesItselfOnly) {
  expect_no_drop(icmp("fe80::5", "fe80::1", 136, bytes_of("fe80::5")));
  expect_no_drop(icmp(kPod6, "fe80::1", 136, bytes_of(kPod6)));
  expect_no_drop(icmp("fe80::5", "ff02::1:ff00:1", 135, bytes_of("fe80::1")));
  expect_drop(icmp("fe80::5", "ff02::1", 136, bytes_of("fd00:10:89::1")), "bad_neighbour");
  expect_drop(icmp(kPod6, "fe80::1", 136, bytes_of("fd00:10:244::6")), "bad_neighbour");
}

TEST_F(NeighbourTest, IsNoRouter) {
  expect_drop(icmp("fe80::5", "ff02::1", 134, "12345678"), "pod_router");
  expect_drop(icmp("fe80::5", "fe80::1", 137, "12345678"), "pod_router");
  expect_drop(icmp(kPod6, "fd00:10:89::2", 137, "12345678"), "pod_router");
  expect_drop(icmp(kPod4, "10.89.0.2", 5, "12345678"), "pod_router");
  expect_drop(icmp(kPod4, "224.0.0.1", 9, "12345678"), "pod_router");
}

}  // namespace
}  // namespace skiff::testing
