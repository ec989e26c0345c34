// SPDX-License-Identifier: Apache-2.0
// agent/net against the kernel, inside namespaces made here.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/neighbour.h"
#include "agent/net/route.h"
#include "agent/net/socket_diag.h"
#include "agent/net/sysctl.h"
#include "base/unique_fd.h"
#include "tests/integration/cni/root.h"

namespace skiff::net {
namespace {

using skiff::testing::cidr;
using skiff::testing::ip;

// Through an IPv6 socket in either case, as most programs do it.
UniqueFd connected(int type, const IpAddress& peer, uint16_t port) {
  UniqueFd fd(::socket(AF_INET6, type | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  std::ranges::copy(peer.bytes(), address.sin6_addr.s6_addr);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

UniqueFd connected_udp(const IpAddress& peer, uint16_t port) {
  return connected(SOCK_DGRAM, peer, port);
}

uint64_t cookie_of(int socket) {
  uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  EXPECT_EQ(::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length), 0);
  return cookie;
}

class NetlinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_NETNS();
    host_.emplace(*Netns::create_anonymous());
    pod_.emplace(*Netns::create_anonymous());
    netlink_.emplace(*Netlink::open_in(*host_));
    pod_netlink_.emplace(*Netlink::open_in(*pod_));
  }

  std::optional<Netns> host_;
  std::optional<Netns> pod_;
  std::optional<Netlink> netlink_;
  std::optional<Netlink> pod_netlink_;
};

TEST_F(NetlinkTest, MakesAVethWithOneEndInAnotherNamespace) {
  const MacAddress mac = mac_from_seed("x");
  ASSERT_OK(create_veth(*netlink_, {.end = {.name = "veth0"},
                                    .peer = {.name = "eth0", .mac = mac, .netns = &*pod_},
                                    .mtu = 1400}));
  const auto inside = get_link(*pod_netlink_, "eth0");
  ASSERT_OK(inside);
  EXPECT_EQ(inside->mac, mac);
  EXPECT_EQ(inside->mtu, 1400u);
  EXPECT_EQ(inside->kind, "veth");
  const auto outside = get_link(*netlink_, "veth0");
  ASSERT_OK(outside);
  EXPECT_EQ(outside->peer_index, inside->index);
  EXPECT_EQ(get_link(*netlink_, outside->index)->name, "veth0");

  const Status again = create_veth(*netlink_, {{.name = "veth0"}, {.name = "other"}, 0});
  EXPECT_EQ(again.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(message(again), "create veth veth0 with peer other: File exists");

  ASSERT_OK(delete_link(*netlink_, "veth0"));
  EXPECT_EQ(get_link(*pod_netlink_, "eth0").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(delete_link(*netlink_, "veth0").code(), StatusCode::kNotFound);
}

TEST_F(NetlinkTest, BridgesAndMovesLinks) {
  ASSERT_OK(create_bridge(*netlink_, "br0"));
  ASSERT_OK(create_veth(*netlink_, {{.name = "port"}, {.name = "temporary"}, 0}));
  ASSERT_OK(set_master(*netlink_, "port", "br0"));
  ASSERT_OK(set_hairpin(*netlink_, "port", true));
  ASSERT_OK(set_up(*netlink_, "br0"));
  EXPECT_TRUE(get_link(*netlink_, "br0")->up);
  EXPECT_EQ(get_link(*netlink_, "port")->master, get_link(*netlink_, "br0")->index);
  ASSERT_OK(rename_link(*netlink_, "temporary", "eth0"));
  ASSERT_OK(move_to_netns(*netlink_, "eth0", *pod_));
  ASSERT_OK(set_mtu(*pod_netlink_, "eth0", 1450));
  EXPECT_EQ(get_link(*pod_netlink_, "eth0")->mtu, 1450u);
  const auto links = list_links(*netlink_);
  ASSERT_OK(links);
  EXPECT_TRUE(std::ranges::any_of(*links, [](const Link& link) { return link.name == "port"; }));
}

TEST_F(NetlinkTest, AddsAndRemovesAddressesTwice) {
  const InterfaceAddress v4{ip("10.1.2.3"), 24};
  const InterfaceAddress v6{ip("fd00:1::3"), 64};
  for (int round = 0; round < 2; ++round) {
    ASSERT_OK(add_address(*netlink_, 1, v4));
    ASSERT_OK(add_address(*netlink_, 1, v6));
  }
  const auto present = list_addresses(*netlink_, 1);
  ASSERT_OK(present);
  EXPECT_EQ(std::ranges::count(*present, v4), 1);
  EXPECT_EQ(std::ranges::count(*present, v6), 1);
  for (int round = 0; round < 2; ++round) {
    ASSERT_OK(remove_address(*netlink_, 1, v4));
    ASSERT_OK(remove_address(*netlink_, 1, v6));
  }
}

// The devices of pods have no address of their own: without the option the loopback's one is taken.
TEST_F(NetlinkTest, AnAddressThatIsNoSourceIsNotChosenForOtherDevices) {
  const auto source_towards = [](const char* peer) {
    const UniqueFd fd = connected_udp(ip(peer), 9);
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &length);
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&own);
    std::array<uint8_t, 16> bytes;
    std::copy_n(v6->sin6_addr.s6_addr, 16, bytes.begin());
    return IpAddress(bytes);
  };
  ASSERT_OK(create_veth(*netlink_, {.end = {.name = "pod0"}, .peer = {.name = "x"}, .mtu = 0}));
  ASSERT_OK(create_veth(*netlink_, {.end = {.name = "eth0"}, .peer = {.name = "y"}, .mtu = 0}));
  for (const char* name : {"lo", "pod0", "x", "eth0", "y"}) ASSERT_OK(set_up(*netlink_, name));
  const int lo = get_link(*netlink_, "lo")->index;
  const int uplink = get_link(*netlink_, "eth0")->index;
  const int pod = get_link(*netlink_, "pod0")->index;
  for (const auto& [service, node, peer] :
       {std::tuple("10.96.0.10", "10.89.0.2", "10.244.0.5"),
        std::tuple("fd00:10:96::a", "fd00:10:89::2", "fd00:10:244::5")}) {
    ASSERT_OK(add_address(*netlink_, lo, InterfaceAddress::host(ip(service)),
                          {.prefix_route = false, .as_source = false}));
    ASSERT_OK(add_address(*netlink_, uplink, InterfaceAddress::host(ip(node))));
    ASSERT_OK(replace_route(*netlink_, {.destination = Cidr(ip(peer), ip(peer).is_v4() ? 32 : 128),
                                        .link_index = pod}));
    const auto chosen = host_->run([&]() -> Result<IpAddress> { return source_towards(peer); });
    ASSERT_OK(chosen);
    EXPECT_EQ(chosen->to_string(), node);
  }
}

TEST_F(NetlinkTest, AbortsConnectionsThatAreChosen) {
  ASSERT_OK(set_up(*netlink_, "lo"));
  for (const char* peer : {"127.0.0.1", "::1"}) {
    const Status status = host_->run([&]() -> Status {
      const UniqueFd server(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
      EXPECT_EQ(::listen(server.get(), 8), 0);  // binds it to some port
      sockaddr_in6 at{};
      socklen_t length = sizeof at;
      ::getsockname(server.get(), reinterpret_cast<sockaddr*>(&at), &length);
      const UniqueFd stays = connected(SOCK_STREAM, ip(peer), ntohs(at.sin6_port));
      const UniqueFd goes = connected(SOCK_STREAM, ip(peer), ntohs(at.sin6_port));
      ASSIGN_OR_RETURN(const int aborted, abort_connected([&](const ConnectedSocket& socket) {
                         return socket.protocol == IPPROTO_TCP && socket.peer == ip(peer) &&
                                socket.cookie == cookie_of(goes.get());
                       }));
      EXPECT_EQ(aborted, 1);
      char byte;
      EXPECT_EQ(::recv(goes.get(), &byte, 1, MSG_DONTWAIT), -1);
      EXPECT_EQ(errno, ECONNABORTED);
      EXPECT_EQ(::recv(stays.get(), &byte, 1, MSG_DONTWAIT), -1);
      EXPECT_EQ(errno, EAGAIN);
      return absl::OkStatus();
    });
    EXPECT_OK(status);
  }
}

TEST_F(NetlinkTest, AbortsConnectedUdpSocketsThatAreChosen) {
  ASSERT_OK(set_up(*netlink_, "lo"));
  for (const char* peer : {"127.0.0.1", "::1"}) {
    const Status status = host_->run([&]() -> Status {
      const UniqueFd stays = connected_udp(ip(peer), 1001);
      const UniqueFd goes = connected_udp(ip(peer), 1002);
      ASSIGN_OR_RETURN(const int aborted, abort_connected([&](const ConnectedSocket& socket) {
                         return socket.peer == ip(peer) && socket.peer_port == 1002 &&
                                socket.cookie != 0;
                       }));
      EXPECT_EQ(aborted, 1);
      char byte;
      EXPECT_EQ(::recv(goes.get(), &byte, 1, MSG_DONTWAIT), -1);
      EXPECT_EQ(errno, ECONNABORTED);
      EXPECT_EQ(::recv(stays.get(), &byte, 1, MSG_DONTWAIT), -1);
      EXPECT_EQ(errno, EAGAIN);
      return absl::OkStatus();
    });
    EXPECT_OK(status);
  }
}

TEST_F(NetlinkTest, RoutesBothFamilies) {
  ASSERT_OK(create_veth(*netlink_, {{.name = "uplink"}, {.name = "outside"}, 0}));
  ASSERT_OK(set_up(*netlink_, "outside"));
  ASSERT_OK(set_up(*netlink_, "uplink"));
  const int uplink = get_link(*netlink_, "uplink")->index;
  ASSERT_OK(add_address(*netlink_, uplink, {ip("10.89.0.2"), 24}));
  ASSERT_OK(add_address(*netlink_, uplink, {ip("fd00:10:89::2"), 64}));
  const std::vector<Route> wanted = {
      {.destination = cidr("0.0.0.0/0"), .via = ip("10.89.0.1")},
      {.destination = cidr("10.244.1.0/24"), .via = ip("10.89.0.3")},
      {.destination = cidr("10.244.0.0/24"), .kind = RouteKind::kUnreachable},
      {.destination = cidr("fd00:10:244:1::/64"), .via = ip("fd00:10:89::3")},
      {.destination = cidr("fd00:10:244::/64"), .kind = RouteKind::kUnreachable},
  };
  for (const Route& route : wanted) ASSERT_OK(replace_route(*netlink_, route));
  for (const Route& route : wanted) ASSERT_OK(replace_route(*netlink_, route));
  const auto present = list_routes(*netlink_, {.protocol = kProtocolSkiff});
  ASSERT_OK(present);
  EXPECT_EQ(present->size(), wanted.size());
  EXPECT_EQ(*find_uplink(*netlink_), uplink);
  const auto found = lookup_route(*netlink_, ip("10.244.1.77"));
  ASSERT_OK(found);
  EXPECT_EQ(found->via, ip("10.89.0.3"));
  EXPECT_EQ(found->link_index, uplink);
  EXPECT_FALSE(lookup_route(*netlink_, ip("10.244.0.77")).ok());
  for (const Route& route : *present) ASSERT_OK(delete_route(*netlink_, route));
  for (const Route& route : *present) ASSERT_OK(delete_route(*netlink_, route));
  EXPECT_TRUE(list_routes(*netlink_, {.protocol = kProtocolSkiff})->empty());
}

TEST_F(NetlinkTest, ExplainsWhyARouteIsRefused) {
  const Status status = replace_route(
      *netlink_, {.destination = cidr("10.9.0.0/16"), .via = ip("192.0.2.1"), .link_index = 1});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(std::string(message(status)), ::testing::HasSubstr("replace route 10.9.0.0/16 via "));
  EXPECT_THAT(std::string(message(status)), ::testing::HasSubstr("("));
}

TEST_F(NetlinkTest, KeepsPermanentNeighbours) {
  ASSERT_OK(create_veth(*netlink_, {{.name = "d0"}, {.name = "d1"}, 0}));
  ASSERT_OK(set_up(*netlink_, "d0"));
  const int index = get_link(*netlink_, "d0")->index;
  const MacAddress mac = mac_from_seed("gateway");
  for (const char* address : {"169.254.1.1", "fe80::1"}) {
    const Neighbour wanted{index, ip(address), mac, true};
    ASSERT_OK(replace_neighbour(*netlink_, index, wanted.ip, mac));
    EXPECT_EQ(std::ranges::count(*list_neighbours(*netlink_, index), wanted), 1);
    ASSERT_OK(delete_neighbour(*netlink_, index, wanted.ip));
    ASSERT_OK(delete_neighbour(*netlink_, index, wanted.ip));
  }
}

TEST_F(NetlinkTest, SysctlsBelongToTheNamespaceOfTheThread) {
  ASSERT_OK(host_->run([] { return write_sysctl("ipv4/conf/lo/rp_filter", "2"); }));
  EXPECT_EQ(*host_->run([] { return read_sysctl("ipv4/conf/lo/rp_filter"); }), "2");
  EXPECT_FALSE(host_->run([] { return write_sysctl("ipv4/conf/none/rp_filter", "2"); }).ok());
}

// The first named namespace of a machine makes the directory and a mount on it.
class NamedDirectory {
 public:
  ~NamedDirectory() {
    std::error_code error;
    if (was_ || !std::filesystem::is_empty("/run/netns", error)) return;
    ::umount2("/run/netns", MNT_DETACH);
    ::rmdir("/run/netns");
  }

 private:
  const bool was_ = std::filesystem::exists("/run/netns");
};

TEST_F(NetlinkTest, NamedNamespacesComeAndGo) {
  const NamedDirectory directory;
  const std::string name = fmt::format("skiff-test-{}", ::getpid());
  const auto created = Netns::create_named(name);
  ASSERT_OK(created);
  EXPECT_EQ(Netns::create_named(name).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(Netns::open(Netns::named_path(name))->same_as(*created));
  EXPECT_TRUE(std::ranges::count(Netns::list_named(), name) == 1);
  ASSERT_OK(Netns::remove_named(name));
  ASSERT_OK(Netns::remove_named(name));
  EXPECT_FALSE(Netns::open(Netns::named_path(name)).ok());
  EXPECT_FALSE(Netns::open("/proc/self/status").ok());
}

}  // namespace
}  // namespace skiff::net
