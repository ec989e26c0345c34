// SPDX-License-Identifier: Apache-2.0
// Load balancer addresses on a segment of two namespaces: the kernel of the one asks, the announcer
// of the other answers.
#include "agent/proxy/announcer.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/net/address.h"
#include "agent/net/neighbour.h"
#include "tests/integration/cni/root.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;
using skiff::testing::ip;

class AnnouncerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_NETNS();
    node_.emplace(*net::Netns::create_anonymous());
    client_.emplace(*net::Netns::create_anonymous());
    node_netlink_.emplace(*net::Netlink::open_in(*node_));
    client_netlink_.emplace(*net::Netlink::open_in(*client_));
    ASSERT_OK(
        net::create_veth(*node_netlink_, {.end = {.name = "eth0"},
                                          .peer = {.name = "eth0", .mac = {}, .netns = &*client_},
                                          .mtu = 1500}));
    node_link_ = *net::get_link(*node_netlink_, "eth0");
    client_link_ = *net::get_link(*client_netlink_, "eth0");
    for (const char* address : {"10.89.0.1", "fd00:10:89::1"})
      ASSERT_OK(net::add_address(*client_netlink_, client_link_.index,
                                 {ip(address), static_cast<uint8_t>(address[0] == '1' ? 24 : 64)}));
    ASSERT_OK(net::set_up(*node_netlink_, "eth0"));
    ASSERT_OK(net::set_up(*client_netlink_, "eth0"));
    auto opened = node_->run([&] { return Announcer::open(io_.get_executor(), node_link_.index); });
    ASSERT_OK(opened);
    announcer_ = std::move(*opened);
  }

  // One datagram to `address`: the kernel has to ask for it first.
  void send_to(const IpAddress& address) {
    const Status sent = client_->run([&] {
      UniqueFd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      sockaddr_in6 to{};
      to.sin6_family = AF_INET6;
      to.sin6_port = htons(9);
      std::copy(address.bytes().begin(), address.bytes().end(), to.sin6_addr.s6_addr);
      const ssize_t count =
          ::sendto(fd.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
      return count == 1 ? Status() : errno_status(errno, "send");
    });
    EXPECT_OK(sent);
  }

  bool client_knows(const IpAddress& address) {
    const auto known = net::list_neighbours(*client_netlink_, client_link_.index);
    return known.ok() && std::any_of(known->begin(), known->end(), [&](const net::Neighbour& each) {
             return each.ip == address && each.mac == node_link_.mac;
           });
  }

  bool learns(const IpAddress& address) {
    for (int i = 0; i < 30; ++i) {
      send_to(address);
      io_.run_for(100ms);
      if (client_knows(address)) return true;
    }
    return false;
  }

  asio::io_context io_;
  std::optional<net::Netns> node_;
  std::optional<net::Netns> client_;
  std::optional<net::Netlink> node_netlink_;
  std::optional<net::Netlink> client_netlink_;
  net::Link node_link_;
  net::Link client_link_;
  std::unique_ptr<Announcer> announcer_;
  std::vector<std::unique_ptr<Announcer>> others_;
};

TEST_F(AnnouncerTest, AnswersForItsAddressesInBothFamilies) {
  announcer_->set({ip("10.89.0.200"), ip("fd00:10:89::200")});
  EXPECT_TRUE(learns(ip("10.89.0.200")));
  EXPECT_TRUE(learns(ip("fd00:10:89::200")));
  EXPECT_GE(announcer_->answered(), 2u);
}

TEST_F(AnnouncerTest, SaysNothingForOthers) {
  announcer_->set({ip("10.89.0.200")});
  send_to(ip("10.89.0.201"));
  io_.run_for(300ms);
  EXPECT_FALSE(client_knows(ip("10.89.0.201")));
  announcer_->set({});
  send_to(ip("10.89.0.200"));
  io_.run_for(300ms);
  EXPECT_FALSE(client_knows(ip("10.89.0.200")));
}

// Who took an address over is believed at once, not when the old entry has aged.
TEST_F(AnnouncerTest, TakesOverWhatSomebodyElseAnsweredFor) {
  for (const char* address : {"10.89.0.200", "fd00:10:89::200"}) {
    // A reachable entry of the node that answered before.
    send_to(ip(address));
    announcer_->set({ip(address)});
    ASSERT_TRUE(learns(ip(address))) << address;
    announcer_->set({});
    const net::MacAddress before = node_link_.mac;
    ASSERT_OK(net::set_mac(*node_netlink_, "eth0", {2, 0, 0, 0, 0, 7}));
    node_link_ = *net::get_link(*node_netlink_, "eth0");
    auto other = node_->run([&] { return Announcer::open(io_.get_executor(), node_link_.index); });
    ASSERT_OK(other);
    (*other)->set({ip(address)});
    io_.run_for(1800ms);
    EXPECT_TRUE(client_knows(ip(address))) << address;
    others_.push_back(std::move(*other));
    ASSERT_OK(net::set_mac(*node_netlink_, "eth0", before));
    node_link_ = *net::get_link(*node_netlink_, "eth0");
  }
}

}  // namespace
}  // namespace skiff::proxy
