// SPDX-License-Identifier: Apache-2.0
// The driver's program under real traffic: a client and a backend behind one virtual pair, whose
// far end polls and computes checksums, as a network card's would.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/neighbour.h"
#include "agent/net/route.h"
#include "tests/bpf/live_fixture.h"

namespace skiff::testing {
namespace {

const char* backend_text(bool v4) {
  return v4 ? "10.89.0.7" : "fd00:10:89::7";
}

Status compute_checksums() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_value value = {.cmd = ETHTOOL_STXCSUM, .data = 0};
  ifreq request = {};
  std::snprintf(request.ifr_name, sizeof(request.ifr_name), "eth0");
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (::ioctl(socket.get(), SIOCETHTOOL, &request) < 0) return errno_status(errno, "ethtool");
  return {};
}

// At eth0: a program that lets all by.
Status attach_another() {
  const bpf_insn pass[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
                           {.code = BPF_JMP | BPF_EXIT}};
  const UniqueFd program(
      ::bpf_prog_load(BPF_PROG_TYPE_XDP, "pass", "GPL", pass, std::size(pass), nullptr));
  if (!program) return errno_status(errno, "load");
  const int index = static_cast<int>(::if_nametoindex("eth0"));
  const int failed = ::bpf_xdp_attach(index, program.get(), XDP_FLAGS_DRV_MODE, nullptr);
  return failed < 0 ? errno_status(-failed, "attach") : Status();
}

class LiveExpressTest : public LiveTest {
 protected:
  void SetUp() override {
    options_.express = true;
    ASSERT_NO_FATAL_FAILURE(LiveTest::SetUp());
    if (IsSkipped()) return;
    serve(network_->outside());
    auto unused = net::Netns::create_anonymous();
    ASSERT_TRUE(unused.ok()) << unused.status();
    const Host backend{.name = "backend",
                       .netns = std::move(*unused),
                       .v4 = IpAddress::parse(backend_text(true)).value(),
                       .v6 = IpAddress::parse(backend_text(false)).value()};
    expose(1, &backend, kNodePort);
    const Status reached = reach(backend);
    ASSERT_TRUE(reached.ok()) << reached;
    const Status takes = network_->outside().netns.run(attach_another);
    ASSERT_TRUE(takes.ok()) << takes;
    const Status accelerated = datapath_->accelerate_device(device());
    ASSERT_TRUE(accelerated.ok()) << accelerated;
  }
  int device() const { return network_->outside().ifindex; }
  // One more host behind the same device: an address more.
  Status reach(const Host& backend) {
    ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
    constexpr int kOutside = 2;  // LiveNetwork's number of it
    for (const bool v4 : {true, false}) {
      const IpAddress& address = backend.address(v4);
      RETURN_IF_ERROR(network_->outside().netns.run([&]() -> Status {
        ASSIGN_OR_RETURN(auto inside, net::Netlink::open());
        ASSIGN_OR_RETURN(const net::Link eth0, net::get_link(inside, "eth0"));
        return net::add_address(inside, eth0.index, net::InterfaceAddress::host(address));
      }));
      RETURN_IF_ERROR(net::replace_route(
          netlink, {.destination = Cidr(address, v4 ? 32 : 128), .link_index = device()}));
      RETURN_IF_ERROR(
          net::replace_neighbour(netlink, device(), address, network_->pod_mac(kOutside)));
    }
    return {};
  }
  void senders_compute_checksums() {
    const Status done = network_->outside().netns.run(compute_checksums);
    ASSERT_TRUE(done.ok()) << done;
  }
  Client connect(bool v4) {
    auto client = Client::open(network_->outside().netns, Transport::kTcp,
                               network_->node_address(v4), kNodePort);
    EXPECT_TRUE(client.ok()) << client.status();
    EXPECT_TRUE(client->receive().ok());  // the greeting
    return std::move(*client);
  }
  static void expect_echo(Client& client, const std::string& text) {
    ASSERT_TRUE(client.send(text + "\n").ok());
    const auto answer = client.receive();
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_EQ(*answer, text);
  }
  std::string link_of_ingress() const {
    return fmt::format("{}/links/device-{}-ingress", options_.pin_dir, device());
  }
  uint32_t attached() const {
    uint32_t id = 0;
    EXPECT_EQ(::bpf_xdp_query_id(device(), 0, &id), 0);
    return id;
  }
  // The kernel ends a link that nobody holds any more in a worker of its own.
  bool is_gone() const {
    for (int i = 0; i < 200 && attached() != 0; ++i) ::usleep(10'000);
    return attached() == 0;
  }
};

// Without the programs at tc nobody else translates: what still goes to and fro does so in the
// driver.
TEST_P(LiveExpressTest, AConnectionGoesOnInTheDriverAlone) {
  if (!std::filesystem::exists(link_of_ingress())) GTEST_SKIP() << "no tcx on this kernel";
  senders_compute_checksums();
  for (const bool v4 : {true, false}) {
    SCOPED_TRACE(v4 ? "IPv4" : "IPv6");
    ASSERT_NO_FATAL_FAILURE(open());
    Client client = connect(v4);
    expect_echo(client, "by both");
    ASSERT_EQ(::unlink(link_of_ingress().c_str()), 0);
    for (int i = 0; i < 20 && !HasFatalFailure(); ++i)
      expect_echo(client, fmt::format("by the driver {}", i));
  }
}

// As processes behind a virtual pair send: not one connection is spoilt.
TEST_P(LiveExpressTest, ChecksumsLeftToTheDeviceAreLeftToTheOtherPrograms) {
  for (const bool v4 : {true, false}) {
    SCOPED_TRACE(v4 ? "IPv4" : "IPv6");
    Client client = connect(v4);
    for (int i = 0; i < 20 && !HasFatalFailure(); ++i)
      expect_echo(client, fmt::format("line {}", i));
  }
}

TEST_P(LiveExpressTest, ARestartReplacesItAndWithoutTheFlagItIsGone) {
  const uint32_t first = attached();
  ASSERT_NE(first, 0u);
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(datapath_->accelerate_device(device()).ok());
  EXPECT_NE(attached(), 0u);
  EXPECT_NE(attached(), first);
  options_.express = false;
  ASSERT_NO_FATAL_FAILURE(open());
  EXPECT_TRUE(is_gone());
}

TEST_P(LiveExpressTest, UninstallingLeavesNothingAtTheDriver) {
  datapath_.reset();
  ASSERT_NE(attached(), 0u);
  ASSERT_TRUE(datapath::uninstall(options_.pin_dir).ok());
  EXPECT_TRUE(is_gone());
}

TEST_P(LiveExpressTest, ADriverThatSomebodyElseHasIsLeftToThem) {
  const uint32_t theirs = attached();
  DatapathOptions others = options_;
  others.pin_dir = test_pin_dir("live-other");
  {
    auto second = Datapath::open(others);
    ASSERT_TRUE(second.ok()) << second.status();
    const Status taken = (*second)->accelerate_device(device());
    EXPECT_EQ(taken.code(), StatusCode::kFailedPrecondition) << taken;
  }
  EXPECT_TRUE(datapath::uninstall(others.pin_dir).ok());
  EXPECT_EQ(attached(), theirs);
}

INSTANTIATE_TEST_SUITE_P(, LiveExpressTest, ::testing::Values(TcHook::kAutomatic), hook_name);

}  // namespace
}  // namespace skiff::testing
