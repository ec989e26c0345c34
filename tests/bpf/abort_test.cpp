// SPDX-License-Identifier: Apache-2.0
// Sockets that are ended because their backend has gone.
#include "agent/datapath/socket_abort.h"
#include "tests/bpf/live_fixture.h"

namespace skiff::testing {
namespace {

using datapath::SocketAborter;
using datapath::StaleSocket;

// Connections through the socket, to one Service that stays and one that loses its backend.
class AbortTest : public LiveTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(LiveTest::SetUp());
    if (IsSkipped()) return;
    if (cgroup_.path().empty()) GTEST_SKIP() << "no cgroup v2 to write to";
    options_.cgroup_path = cgroup_.path();
    ASSERT_NO_FATAL_FAILURE(open());
    serve(network_->pod(1));
    expose(1, &network_->pod(1), kNodePort);
    expose(2, &network_->pod(1), kNodePort + 1);
  }
  // As the agent finds them: by the Service they asked for.
  std::vector<StaleSocket> asked_for(const IpAddress& address, uint8_t protocol) {
    std::vector<StaleSocket> found;
    const Status read = datapath_->maps().reverse_sockets->for_each(
        [&](const datapath::ReverseSocketKey& key, const datapath::ReverseSocket& value) {
          if (datapath::from_abi(value.frontend.address) == address)
            found.push_back({key.cookie, key.backend, protocol});
        });
    EXPECT_TRUE(read.ok()) << read;
    return found;
  }
  static Status connect_and_ask(const net::Netns& from, Transport transport, const IpAddress& to,
                                bool as_v6, std::vector<Client>& into) {
    ASSIGN_OR_RETURN(Client client, Client::open(from, transport, to, kPort, true, as_v6));
    if (transport == Transport::kUdp) RETURN_IF_ERROR(client.send("hello\n"));
    RETURN_IF_ERROR(client.receive().status());
    into.push_back(std::move(client));
    return {};
  }

  TestCgroup cgroup_;
};

TEST_P(AbortTest, OnlyTheSocketsThatAreNamed) {
  each([&](bool v4, Transport transport) {
    const uint8_t protocol = transport == Transport::kTcp ? 6 : 17;
    for (const bool as_v6 : {false, true}) {  // IPv4 through IPv6 sockets as well
      std::vector<Client> stay, go;
      const net::Netns& pod = network_->pod(0).netns;
      ASSERT_TRUE(connect_and_ask(pod, transport, vip(v4, 1), as_v6, stay).ok());
      ASSERT_TRUE(connect_and_ask(pod, transport, vip(v4, 2), as_v6, go).ok());
      const std::vector<StaleSocket> stale = asked_for(vip(v4, 2), protocol);
      ASSERT_FALSE(stale.empty());
      const auto aborter = SocketAborter::load(stale);
      if (aborter.status().code() == StatusCode::kUnimplemented) GTEST_SKIP() << aborter.status();
      ASSERT_TRUE(aborter.ok()) << aborter.status();
      ASSERT_TRUE((*aborter)->run().ok()) << "the node's own namespace";
      EXPECT_EQ((*aborter)->aborted().value(), 0);
      ASSERT_TRUE(pod.run([&] { return (*aborter)->run(); }).ok());
      EXPECT_EQ((*aborter)->aborted().value(), 1);
      EXPECT_EQ(std::string(message(go[0].receive().status())),
                "receive: Software caused connection abort");
      ASSERT_TRUE(stay[0].send("still here\n").ok());
      EXPECT_TRUE(stay[0].receive().ok());
    }
  });
}

TEST_P(AbortTest, NotOneThatIsConnectedElsewhereByNow) {
  std::vector<Client> clients;
  ASSERT_TRUE(
      connect_and_ask(network_->pod(0).netns, Transport::kTcp, vip(true, 1), false, clients).ok());
  std::vector<StaleSocket> stale = asked_for(vip(true, 1), 6);
  ASSERT_EQ(stale.size(), 1u);
  stale[0].backend.address = to_abi(IpAddress::parse("10.244.7.7").value());
  stale.push_back(asked_for(vip(true, 1), 17)[0]);  // and the same socket, were it UDP
  const auto aborter = SocketAborter::load(stale);
  if (aborter.status().code() == StatusCode::kUnimplemented) GTEST_SKIP() << aborter.status();
  ASSERT_TRUE(aborter.ok()) << aborter.status();
  ASSERT_TRUE(network_->pod(0).netns.run([&] { return (*aborter)->run(); }).ok());
  EXPECT_EQ((*aborter)->aborted().value(), 0);
  ASSERT_TRUE(clients[0].send("still here\n").ok());
  EXPECT_TRUE(clients[0].receive().ok());
}

INSTANTIATE_TEST_SUITE_P(, AbortTest, ::testing::Values(TcHook::kAutomatic), hook_name);

}  // namespace
}  // namespace skiff::testing
