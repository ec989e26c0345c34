// SPDX-License-Identifier: Apache-2.0
// Real sockets through real hooks: two pods, a node, a client outside.
#include <chrono>

#include "tests/bpf/live_fixture.h"

namespace skiff::testing {
namespace {

TEST_P(LiveTest, PodsReachEachOther) {
  serve(network_->pod(1));
  each([&](bool v4, Transport transport) {
    expect_answer(network_->pod(0).netns, transport, network_->pod(1).address(v4), kTarget,
                  "pod1 " + network_->pod(0).address(v4).to_string());
  });
}

TEST_P(LiveTest, PodsReachClusterIpsByPackets) {
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort);
  each([&](bool v4, Transport transport) {
    expect_answer(network_->pod(0).netns, transport, vip(v4, 1), kPort,
                  "pod1 " + network_->pod(0).address(v4).to_string());
    // Its own Service: the Service asks.
    expect_answer(network_->pod(1).netns, transport, vip(v4, 1), kPort,
                  "pod1 " + vip(v4, 1).to_string());
    expect_answer(network_->pod(0).netns, transport, network_->node_address(v4), kNodePort,
                  "pod1 " + network_->pod(0).address(v4).to_string());
  });
}

TEST_P(LiveTest, TheNodeReachesPodsAndClusterIps) {
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort);
  each([&](bool v4, Transport transport) {
    const std::string answer = "pod1 " + network_->node_address(v4).to_string();
    expect_answer(network_->node(), transport, network_->pod(1).address(v4), kTarget, answer);
    expect_answer(network_->node(), transport, vip(v4, 1), kPort, answer);
  });
}

TEST_P(LiveTest, ClientsOutsideReachNodePortsWithTheirAddress) {
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort);
  each([&](bool v4, Transport transport) {
    expect_answer(network_->outside().netns, transport, network_->node_address(v4), kNodePort,
                  "pod1 " + network_->outside().address(v4).to_string());
    expect_answer(network_->outside().netns, transport, vip(v4, 1), kPort,
                  "pod1 " + network_->outside().address(v4).to_string());
  });
}

TEST_P(LiveTest, ProcessesOfTheNodeServeToo) {
  const Host node = {.name = "node",
                     .netns = net::Netns::current().value(),
                     .v4 = network_->node_address(true),
                     .v6 = network_->node_address(false)};
  serve(node);
  expose(1, &node, kNodePort);
  each([&](bool v4, Transport transport) {
    expect_answer(network_->pod(0).netns, transport, vip(v4, 1), kPort,
                  "node " + network_->pod(0).address(v4).to_string());
    expect_answer(network_->outside().netns, transport, network_->node_address(v4), kNodePort,
                  "node " + network_->outside().address(v4).to_string());
    // Its own Service: the Service asks.
    expect_answer(network_->node(), transport, vip(v4, 1), kPort, "node " + vip(v4, 1).to_string());
  });
}

TEST_P(LiveTest, PodsReachTheWorldBehindTheNode) {
  ASSERT_TRUE(datapath_->set_nodes({}, {}).ok());  // the client is on the node's own subnet
  serve(network_->outside());
  each([&](bool v4, Transport transport) {
    expect_answer(network_->pod(0).netns, transport, network_->outside().address(v4), kTarget,
                  "outside " + network_->node_address(v4).to_string());
  });
}

TEST_P(LiveTest, AServiceWithoutEndpointsRefusesAtOnce) {
  expose(1, nullptr, kNodePort);
  const auto start = std::chrono::steady_clock::now();
  each([&](bool v4, Transport transport) {
    for (const net::Netns* from : {&network_->pod(0).netns, &network_->outside().netns}) {
      const IpAddress to =
          from == &network_->pod(0).netns ? vip(v4, 1) : network_->node_address(v4);
      const auto answer =
          ask(*from, transport, to, from == &network_->pod(0).netns ? kPort : kNodePort);
      ASSERT_FALSE(answer.ok());
      EXPECT_THAT(std::string(message(answer.status())), ::testing::HasSubstr("refused"));
    }
  });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST_P(LiveTest, LargeTransfersArriveWhole) {
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort);
  for (const bool v4 : {true, false}) {
    for (const net::Netns* from : {&network_->pod(0).netns, &network_->outside().netns}) {
      auto client = Client::open(*from, Transport::kTcp, vip(v4, 1), kPort);
      ASSERT_TRUE(client.ok()) << client.status();
      ASSERT_TRUE(client->receive().ok());
      std::string sent(1 << 18, 'x');
      for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>('a' + i * 7 % 26);
      sent.back() = '\n';
      std::thread sender([&] { EXPECT_TRUE(client->send(sent).ok()); });
      const auto received = client->receive();
      sender.join();
      ASSERT_TRUE(received.ok()) << received.status();
      EXPECT_EQ(*received + "\n", sent);
    }
  }
}

TEST_P(LiveTest, SocketsAreBalancedAtConnect) {
  const TestCgroup cgroup;
  if (cgroup.path().empty()) GTEST_SKIP() << "no cgroup v2 to write to";
  options_.cgroup_path = cgroup.path();
  ASSERT_NO_FATAL_FAILURE(open());
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort, 60);
  expose(2, nullptr, kNodePort + 1);
  each([&](bool v4, Transport transport) {
    const std::string pod = "pod1 " + network_->pod(0).address(v4).to_string();
    expect_answer(network_->pod(0).netns, transport, vip(v4, 1), kPort, pod);
    expect_answer(network_->pod(0).netns, transport, network_->node_address(v4), kNodePort, pod);
    expect_answer(network_->node(), transport, network_->node_address(v4), kNodePort,
                  "pod1 " + network_->node_address(v4).to_string());
    const IpAddress loopback = IpAddress::parse(v4 ? "127.0.0.1" : "::1").value();
    if (v4 || transport == Transport::kTcp) {
      const auto refused = ask(network_->pod(0).netns, transport, loopback, kNodePort);
      EXPECT_FALSE(refused.ok()) << "a pod's loopback is its own";
    }
    const auto refused = ask(network_->pod(0).netns, transport, vip(v4, 2), kPort);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(std::string(message(refused.status())), "connect: Connection refused");
    // No packet was translated: there is no flow.
    size_t flows = 0;
    EXPECT_TRUE(datapath_->maps().new_flows->for_each([&](auto&, auto&) { ++flows; }).ok());
    EXPECT_EQ(flows, 0u);
  });
}

TEST_P(LiveTest, ProcessesOfTheNodeCannotTakeANodePort) {
  const TestCgroup cgroup;
  if (cgroup.path().empty()) GTEST_SKIP() << "no cgroup v2 to write to";
  options_.cgroup_path = cgroup.path();
  ASSERT_NO_FATAL_FAILURE(open());
  expose(1, &network_->pod(1), kNodePort);
  each([&](bool v4, Transport transport) {
    const IpAddress any = v4 ? IpAddress::v4(0) : IpAddress();
    const IpAddress loopback = IpAddress::parse(v4 ? "127.0.0.1" : "::1").value();
    for (const IpAddress& address : {any, loopback, network_->node_address(v4)}) {
      const Status taken = try_bind(network_->node(), transport, address, kNodePort);
      ASSERT_FALSE(taken.ok()) << address.to_string();
      EXPECT_EQ(std::string(message(taken)), "bind: Address already in use");
      EXPECT_TRUE(try_bind(network_->node(), transport, address, kNodePort + 1).ok());
    }
    EXPECT_TRUE(try_bind(network_->pod(0).netns, transport, any, kNodePort).ok())
        << "a pod's ports are its own";
  });
}

TEST_P(LiveTest, SocketsSeeTheServiceTheyAskedFor) {
  const TestCgroup cgroup;
  if (cgroup.path().empty()) GTEST_SKIP() << "no cgroup v2 to write to";
  options_.cgroup_path = cgroup.path();
  ASSERT_NO_FATAL_FAILURE(open());
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort);
  for (const bool v4 : {true, false}) {
    for (const bool as_v6 : {true, false}) {  // IPv4 through IPv6 sockets as well
      const std::string service = fmt::format("{} {}", vip(v4, 1).to_string(), kPort);
      auto tcp =
          Client::open(network_->pod(0).netns, Transport::kTcp, vip(v4, 1), kPort, true, as_v6);
      ASSERT_TRUE(tcp.ok()) << tcp.status();
      EXPECT_EQ(tcp->peer().value(), service);
      auto udp =
          Client::open(network_->pod(0).netns, Transport::kUdp, vip(v4, 1), kPort, false, as_v6);
      ASSERT_TRUE(udp.ok() && udp->send("hello\n").ok());
      std::string from;
      ASSERT_TRUE(udp->receive(&from).ok());
      EXPECT_EQ(from, service);
    }
  }
}

TEST_P(LiveTest, RestartingTheAgentTouchesNoConnection) {
  serve(network_->pod(1));
  expose(1, &network_->pod(1), kNodePort);
  std::vector<Client> clients;
  for (const bool v4 : {true, false}) {
    for (const net::Netns* from : {&network_->pod(0).netns, &network_->outside().netns}) {
      const bool pod = from == &network_->pod(0).netns;
      auto client =
          Client::open(*from, Transport::kTcp, pod ? vip(v4, 1) : network_->node_address(v4),
                       pod ? kPort : kNodePort);
      ASSERT_TRUE(client.ok()) << client.status();
      ASSERT_TRUE(client->receive().ok());
      clients.push_back(std::move(*client));
    }
  }
  const auto exchange = [&](const std::string& text) {
    for (Client& client : clients) {
      ASSERT_TRUE(client.send(text + "\n").ok());
      const auto answer = client.receive();
      ASSERT_TRUE(answer.ok()) << text << ": " << answer.status();
      EXPECT_EQ(*answer, text);
    }
  };
  exchange("before");
  datapath_.reset();
  exchange("while it is gone");
  auto reopened = Datapath::open(options_);
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  datapath_ = std::move(*reopened);
  EXPECT_TRUE(datapath_->recreated_maps().empty());
  exchange("after");
  EXPECT_TRUE(
      datapath_->maps()
          .frontends
          ->get({.address = to_abi(vip(true, 1)), .port = datapath::port_be(kPort), .protocol = 6})
          .value()
          .has_value());
  each([&](bool v4, Transport transport) {
    expect_answer(network_->pod(0).netns, transport, vip(v4, 1), kPort,
                  "pod1 " + network_->pod(0).address(v4).to_string());
  });
}

TEST_P(LiveTest, UninstallLeavesNothing) {
  datapath_.reset();
  ASSERT_TRUE(datapath::uninstall(options_.pin_dir).ok());
  EXPECT_FALSE(std::filesystem::exists(options_.pin_dir));
  ASSERT_TRUE(datapath::uninstall(options_.pin_dir).ok());
  ASSERT_NO_FATAL_FAILURE(open());
}

INSTANTIATE_TEST_SUITE_P(, LiveTest, ::testing::Values(TcHook::kAutomatic, TcHook::kClsact),
                         hook_name);

}  // namespace
}  // namespace skiff::testing
