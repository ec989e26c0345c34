// SPDX-License-Identifier: Apache-2.0
// Ways that take less than the senders' links do.
#include <linux/udp.h>
#include <netinet/in.h>

#include "agent/net/link.h"
#include "tests/bpf/live_fixture.h"

namespace skiff::testing {
namespace {

constexpr int kWayMtu = 1400;

class LivePathTest : public LiveTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(LiveTest::SetUp());
    if (IsSkipped()) return;
    auto netlink = net::Netlink::open();
    ASSERT_TRUE(netlink.ok() && net::set_mtu(*netlink, "eth0", kWayMtu).ok());
    serve(network_->outside());
    expose(1, &network_->outside(), kNodePort);
  }
  uint64_t too_big() {
    const auto reasons = datapath_->reasons();
    for (const auto& count : reasons.value())
      if (count.label == "too_big") return count.packets;
    return 0;
  }
  // What the socket has learned about its way.
  static int way_mtu(const Client& client, bool v4) {
    int mtu = 0;
    socklen_t length = sizeof(mtu);
    ::getsockopt(client.fd(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu,
                 &length);
    return mtu;
  }
};

// Four datagrams sent as one, to be cut by the kernel or the device: what counts is their size.
TEST_P(LivePathTest, SegmentsThatJustFitPassAndOnesThatDoNotAreAnsweredWithTheSizeThatWould) {
  for (const bool v4 : {true, false}) {
    SCOPED_TRACE(v4 ? "IPv4" : "IPv6");
    auto client = Client::open(network_->pod(0).netns, Transport::kUdp, vip(v4, 1), kPort);
    ASSERT_TRUE(client.ok()) << client.status();
    const int discover = IP_PMTUDISC_DO;
    ASSERT_EQ(::setsockopt(client->fd(), v4 ? IPPROTO_IP : IPPROTO_IPV6,
                           v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &discover, sizeof(discover)),
              0);
    const int headers = (v4 ? 20 : 40) + 8;
    const auto send = [&](int size) {
      ASSERT_EQ(::setsockopt(client->fd(), IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), 0);
      ASSERT_TRUE(client->send(std::string(static_cast<size_t>(4 * size), 'x')).ok());
    };
    const uint64_t before = too_big();
    send(kWayMtu - headers);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(client->receive().ok()) << "datagram " << i;
    EXPECT_EQ(too_big(), before);
    EXPECT_EQ(way_mtu(*client, v4), 1500);
    send(kWayMtu - headers + 1);
    EXPECT_EQ(too_big(), before + 1);
    EXPECT_EQ(way_mtu(*client, v4), kWayMtu);
  }
}

INSTANTIATE_TEST_SUITE_P(, LivePathTest, ::testing::Values(TcHook::kAutomatic, TcHook::kClsact),
                         hook_name);

}  // namespace
}  // namespace skiff::testing
