// SPDX-License-Identifier: Apache-2.0
// Network against the kernel: attachments, connectivity, routes, collection.
#include "agent/network/network.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "agent/net/route.h"
#include "agent/net/sysctl.h"
#include "agent/network/loopback.h"
#include "agent/network/uninstall.h"
#include "base/file.h"
#include "tests/integration/cni/node.h"

namespace skiff::network {
namespace {

using skiff::testing::cidr;
using skiff::testing::ip;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NetworkTest : public skiff::testing::NodeTest {
 protected:
  // One message from a client in `from` to a server on `address` in `to`, and back.
  static Status talk(const net::Netns& from, const net::Netns& to, const IpAddress& address) {
    asio::io_context io;
    const auto bytes = address.bytes();
    asio::ip::tcp::endpoint endpoint;
    if (address.is_v4()) {
      endpoint = {asio::ip::address_v4(address.v4_host_order()), 7777};
    } else {
      asio::ip::address_v6::bytes_type raw;
      std::copy(bytes.begin(), bytes.end(), raw.begin());
      endpoint = {asio::ip::address_v6(raw), 7777};
    }
    asio::ip::tcp::acceptor server(io);
    asio::ip::tcp::socket client(io);
    const auto listen = [&]() -> Status {
      boost::system::error_code error;
      server.open(endpoint.protocol(), error);
      server.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
      server.bind(endpoint, error);
      if (!error) server.listen(1, error);
      return error ? errno_status(error.value(), "listen") : absl::OkStatus();
    };
    RETURN_IF_ERROR(to.run(listen));
    const auto open = [&]() -> Status {
      boost::system::error_code error;
      client.open(endpoint.protocol(), error);
      return error ? errno_status(error.value(), "open") : absl::OkStatus();
    };
    RETURN_IF_ERROR(from.run(open));
    boost::system::error_code outcome = asio::error::timed_out;
    client.async_connect(endpoint,
                         [&](const boost::system::error_code& error) { outcome = error; });
    io.run_for(std::chrono::seconds(2));
    return outcome ? unavailable("connect: {}", outcome.message()) : absl::OkStatus();
  }
};

TEST_F(NetworkTest, AddsChecksAndDeletes) {
  start_with_ranges();
  const std::string netns = make_pod();
  const CniAnswer answer = call("ADD", "c1", netns);
  ASSERT_EQ(answer.exit_code, 0) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("10.244.0.2/32"));
  EXPECT_THAT(answer.output, HasSubstr("fd00:10:244::2/128"));
  EXPECT_THAT(pod_links(), SizeIs(1));
  ASSERT_NE(network_->find("c1"), nullptr);
  EXPECT_EQ(network_->find("c1")->pod_namespace, "shop");
  EXPECT_EQ(attacher_.attached, 1);

  const std::string previous = R"(,"prevResult":)" + answer.output;
  const CniAnswer checked = call("CHECK", "c1", netns, previous);
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  EXPECT_EQ(checked.output, "");

  for (int round = 0; round < 3; ++round) {
    // Not even the namespace is there the second time.
    const CniAnswer deleted = call("DEL", "c1", round == 0 ? netns : "");
    EXPECT_EQ(deleted.exit_code, 0) << deleted.output;
  }
  EXPECT_THAT(pod_links(), IsEmpty());
  EXPECT_EQ(journal_files(), 0u);
  EXPECT_EQ(attacher_.detached, 1);
  EXPECT_THAT(call("CHECK", "c1", netns, previous).output, HasSubstr("\"code\":3"));
}

TEST_F(NetworkTest, CheckNamesWhatIsMissing) {
  start_with_ranges();
  const std::string netns = make_pod();
  ASSERT_EQ(call("ADD", "c1", netns).exit_code, 0);
  ASSERT_OK(pod(0).run([]() -> Status {
    ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
    ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, "eth0"));
    return net::remove_address(netlink, link.index, net::InterfaceAddress::host(ip("10.244.0.2")));
  }));
  const CniAnswer checked = call("CHECK", "c1", netns, R"(,"prevResult":{})");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.output, HasSubstr("address 10.244.0.2 of eth0: missing"));
}

TEST_F(NetworkTest, RefusesASecondInterfaceOfTheSameName) {
  start_with_ranges();
  const std::string netns = make_pod();
  ASSERT_EQ(call("ADD", "c1", netns).exit_code, 0);
  EXPECT_THAT(call("ADD", "c1", netns).output, HasSubstr("is attached already"));
  const CniAnswer other = call("ADD", "c2", netns);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.output, HasSubstr("File exists"));
  EXPECT_THAT(pod_links(), SizeIs(1));
  EXPECT_EQ(journal_files(), 1u);
}

TEST_F(NetworkTest, RefusesTheNodesOwnNamespaceAndOnesThatAreGone) {
  start_with_ranges();
  EXPECT_THAT(call("ADD", "c1", "/proc/self/task/" + std::to_string(::gettid()) + "/ns/net").output,
              HasSubstr("the node's own"));
  EXPECT_THAT(call("ADD", "c1", "/run/netns/absent").output, HasSubstr("open netns"));
  EXPECT_THAT(call("ADD", "c1", "/dev/null").output, HasSubstr("not a network namespace"));
  EXPECT_EQ(journal_files(), 0u);
}

TEST_F(NetworkTest, IsReadyOnceTheRangesAreKnown) {
  start();
  const std::string netns = make_pod();
  EXPECT_THAT(call("ADD", "c1", netns).output, HasSubstr("\"code\":11"));
  EXPECT_THAT(call("STATUS", "", "").output, HasSubstr("\"code\":50"));
  EXPECT_EQ(call("DEL", "c1", netns).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(options_.conf_directory));
  ASSERT_OK(wait(network_->set_ranges({cidr("10.244.0.0/24")})));
  EXPECT_EQ(call("STATUS", "", "").exit_code, 0);
  const auto conf = read_file(conflist_path(options_.conf_directory));
  ASSERT_OK(conf);
  EXPECT_THAT(*conf, HasSubstr("\"cniVersion\":\"1.0.0\""));
  EXPECT_THAT(*conf, HasSubstr(network_->socket_path().string()));
  ASSERT_OK(network_->uninstall());
  EXPECT_FALSE(std::filesystem::exists(conflist_path(options_.conf_directory)));
}

TEST_F(NetworkTest, PodsReachEachOtherAndTheNode) {
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  ASSERT_EQ(call("ADD", "c2", make_pod()).exit_code, 0);
  for (const IpAddress& address : network_->find("c2")->addresses) {
    EXPECT_OK(talk(pod(0), pod(1), address));
    EXPECT_OK(talk(pod(1), pod(1), address)) << "a pod reaches itself";
  }
  // The node has an address of its own only in IPv4 here.
  net::Netlink netlink = *net::Netlink::open();
  ASSERT_OK(net::set_up(netlink, "lo"));
  ASSERT_OK(net::add_address(netlink, 1, {ip("10.89.0.2"), 32}));
  EXPECT_OK(talk(*node_, pod(1), network_->find("c2")->addresses[0]));
  EXPECT_OK(talk(pod(1), *node_, ip("10.89.0.2")));
  EXPECT_EQ(*net::read_sysctl("ipv4/ip_forward"), "1");
}

TEST_F(NetworkTest, RoutesToThePodsOfOtherNodes) {
  net::Netns other = *net::Netns::create_anonymous();
  net::Netlink netlink = *net::Netlink::open();
  net::Netlink far = *net::Netlink::open_in(other);
  ASSERT_OK(
      net::create_veth(netlink, {{.name = "uplink"}, {.name = "eth0", .netns = &other}, 1400}));
  ASSERT_OK(net::set_up(netlink, "uplink"));
  ASSERT_OK(net::set_up(far, "eth0"));
  ASSERT_OK(net::set_up(far, "lo"));
  ASSERT_OK(
      net::add_address(netlink, net::get_link(netlink, "uplink")->index, {ip("10.89.0.2"), 24}));
  ASSERT_OK(net::add_address(far, net::get_link(far, "eth0")->index, {ip("10.89.0.3"), 24}));
  ASSERT_OK(net::add_address(far, 1, {ip("10.244.1.5"), 32}));
  ASSERT_OK(
      net::replace_route(far, {.destination = cidr("10.244.0.0/24"), .via = ip("10.89.0.2")}));

  options_.uplink = "uplink";
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  EXPECT_EQ(network_->find("c1")->mtu, 1400u);
  const PeerNode peer = {"b", {ip("10.89.0.3")}, {cidr("10.244.1.0/24"), cidr("fd00:1::/64")}};
  const auto skipped = wait(network_->sync_routes({peer}));
  ASSERT_OK(skipped);
  EXPECT_THAT(*skipped, SizeIs(1));
  EXPECT_OK(talk(pod(0), other, ip("10.244.1.5")));
  EXPECT_OK(talk(other, pod(0), network_->find("c1")->addresses[0]));
  // What no pod has is refused at once.
  EXPECT_THAT(
      std::string(message(talk(other, pod(0), ip("10.244.0.99")))),
      ::testing::AnyOf(HasSubstr("unreachable"), HasSubstr("No route"), HasSubstr("assign")));
  ASSERT_OK(wait(network_->sync_routes({})));
  EXPECT_FALSE(talk(pod(0), other, ip("10.244.1.5")).ok());
  EXPECT_OK(talk(other, pod(0), network_->find("c1")->addresses[0])) << "pod routes stay";
}

// What `ip` and the kernel's settings say of the node, without numbers that change by themselves.
std::string node_state() {
  const char* command =
      "ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\\1/' | sort; ip route show table all;"
      "ip -6 route show table all; sysctl -a 2>/dev/null | grep -E "
      "'forwarding|ip_forward|rp_filter' "
      "| sort";
  std::string text;
  FILE* pipe = ::popen(command, "r");
  std::array<char, 4096> buffer;
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    text.append(buffer.data(), got);
  ::pclose(pipe);
  return text;
}

TEST_F(NetworkTest, LeadsAcrossTheOverlayAndGivesTheNodeBackAsItWas) {
  net::Netns other = *net::Netns::create_anonymous();
  net::Netlink netlink = *net::Netlink::open();
  ASSERT_OK(
      net::create_veth(netlink, {{.name = "uplink"}, {.name = "eth0", .netns = &other}, 1500}));
  ASSERT_OK(net::set_up(netlink, "uplink"));
  ASSERT_OK(
      net::add_address(netlink, net::get_link(netlink, "uplink")->index, {ip("10.89.0.2"), 24}));
  const std::string before = node_state();
  ASSERT_THAT(before, HasSubstr("10.89.0.0/24"));

  options_.uplink = "uplink";
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  EXPECT_EQ(network_->find("c1")->mtu, 1500u);
  const PeerNode self = {"a", {ip("10.89.0.2")}, {}};
  const PeerNode near = {"b", {ip("10.89.0.3")}, {cidr("10.244.1.0/24")}};
  const PeerNode far = {"c", {ip("10.89.9.3")}, {cidr("10.244.2.0/24"), cidr("fd00:1::/64")}};
  ASSERT_OK(wait(network_->sync_routes({self, near, far})));
  const auto overlay = net::get_link(netlink, kOverlayLink);
  ASSERT_OK(overlay);
  EXPECT_EQ(overlay->mtu, 1450u);
  EXPECT_TRUE(overlay->up);
  EXPECT_EQ(attacher_.overlay.link_index, overlay->index);
  EXPECT_THAT(attacher_.overlay.tunnels, SizeIs(3));
  EXPECT_EQ(net::lookup_route(netlink, ip("10.244.2.7"))->link_index, overlay->index);
  EXPECT_EQ(net::lookup_route(netlink, ip("fd00:1::7"))->link_index, overlay->index);
  EXPECT_EQ(net::lookup_route(netlink, ip("10.244.1.7"))->via, ip("10.89.0.3"));
  // The pod that was there already is told, too.
  EXPECT_EQ(network_->find("c1")->mtu, 1450u);
  EXPECT_EQ(net::get_link(netlink, network_->find("c1")->host_interface)->mtu, 1450u);

  ASSERT_OK(wait(network_->sync_routes({self, near})));
  EXPECT_FALSE(net::get_link(netlink, kOverlayLink).ok());
  EXPECT_EQ(network_->find("c1")->mtu, 1500u);

  ASSERT_OK(wait(network_->sync_routes({self, near, far})));
  stop();
  ASSERT_OK(remove_node_network(options_.data_directory));
  EXPECT_EQ(node_state(), before);
  ASSERT_OK(remove_node_network(options_.data_directory)) << "again";
}

TEST_F(NetworkTest, UninstallingTakesBackTheLoopbackAddressesItGave) {
  net::Netlink netlink = net::Netlink::open().value();
  ASSERT_OK(net::set_up(netlink, "lo"));  // which brings its own addresses
  const int lo = net::get_link(netlink, "lo")->index;
  const auto there = net::InterfaceAddress::host(ip("10.96.0.9"));  // somebody else's
  ASSERT_OK(net::add_address(netlink, lo, there));
  const auto before = net::list_addresses(netlink, lo);
  const std::vector<IpAddress> ours = {ip("10.96.0.10"), ip("fd00:96::a"), there.ip};
  ASSERT_OK(add_loopback_addresses(ours, options_.data_directory));
  ASSERT_OK(add_loopback_addresses(ours, options_.data_directory)) << "again";
  EXPECT_THAT(*net::list_addresses(netlink, lo), SizeIs(before->size() + 2));
  ASSERT_OK(remove_node_network(options_.data_directory));
  EXPECT_EQ(*net::list_addresses(netlink, lo), *before);
  ASSERT_OK(net::remove_address(netlink, lo, there));
}

TEST_F(NetworkTest, ADatapathThatRefusesFailsTheAdd) {
  start_with_ranges();
  attacher_.failure = internal_error("verifier says no");
  const CniAnswer answer = call("ADD", "c1", make_pod());
  EXPECT_THAT(answer.output, HasSubstr("add pod shop/c1: attach to skiff"));
  EXPECT_THAT(answer.output, HasSubstr("verifier says no"));
  EXPECT_THAT(pod_links(), IsEmpty());
  EXPECT_EQ(journal_files(), 0u);
  EXPECT_EQ(attacher_.detached, 1);
}

TEST_F(NetworkTest, CollectsWhatTheRuntimeForgot) {
  start_with_ranges();
  int gone = 0;
  network_->subscribe([&](const Attachment&, bool attached) { gone += attached ? 0 : 1; });
  for (const char* container : {"c1", "c2", "c3"})
    ASSERT_EQ(call("ADD", container, make_pod()).exit_code, 0);
  EXPECT_EQ(
      call("GC", "", "", R"(,"cni.dev/valid-attachments":[{"containerID":"c1","ifname":"eth0"},
                                  {"containerID":"c2","ifname":"eth0"}])")
          .exit_code,
      0);
  EXPECT_THAT(network_->pods(), SizeIs(2));
  const TimePoint later = clock_.now() + Network::kSandboxStart + std::chrono::seconds(1);
  ASSERT_OK(wait(network_->collect({"c1"}, later)));
  EXPECT_THAT(network_->pods(), SizeIs(1));
  EXPECT_EQ(gone, 2);
}

// containerd lists a sandbox only once it runs, well after its ADD.
TEST_F(NetworkTest, CollectsNoAttachmentOfASandboxThatIsStillStarting) {
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  ASSERT_OK(wait(network_->collect({}, clock_.now() + std::chrono::minutes(1))));
  EXPECT_THAT(network_->pods(), SizeIs(1));
}

// On a cluster whose runtime is not ours to ask, a pod's namespace takes its device along.
TEST_F(NetworkTest, CollectsThoseWhoseNamespaceHasGoneWithoutARuntime) {
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  ASSERT_EQ(call("ADD", "c2", make_pod()).exit_code, 0);
  ASSERT_OK(wait(network_->collect_gone()));
  EXPECT_THAT(network_->pods(), SizeIs(2));
  const std::string device = network_->find("c2")->host_interface;
  close_pod(1);
  net::Netlink netlink = *net::Netlink::open();
  for (int i = 0; i < 1000 && net::get_link(netlink, device).ok();
       ++i)  // when the kernel gets to it
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_OK(wait(network_->collect_gone()));
  EXPECT_THAT(network_->pods(), SizeIs(1));
  EXPECT_EQ(network_->find("c2"), nullptr);
}

}  // namespace
}  // namespace skiff::network
