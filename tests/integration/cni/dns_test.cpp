// SPDX-License-Identifier: Apache-2.0
// The cluster DNS address on a node, asked from a pod.
#include "agent/dns/dns.h"

#include <atomic>
#include <thread>

#include "agent/dns/upstream.h"
#include "agent/network/loopback.h"
#include "tests/integration/cni/node.h"
#include "tests/unit/dns/fake_view.h"

namespace skiff::dns {
namespace {

class NodeDnsTest : public skiff::testing::NodeTest {
 protected:
  // Asks from inside the pod, by UDP and by TCP, while the node's loop answers.
  static Status ask(const net::Netns& pod, const IpAddress& server) {
    return pod.run([&]() -> Status {
      asio::io_context io;
      Result<Message> answer = unavailable("not asked");
      const Question question{split_name("web.shop.svc.cluster.local"),
                              server.is_v4() ? Type::kA : Type::kAaaa};
      asio::co_spawn(
          io, exchange(server, 53, question, std::chrono::milliseconds(2000)),
          [&](const std::exception_ptr&, Result<Message> result) { answer = std::move(result); });
      io.run();
      RETURN_IF_ERROR(answer);
      return answer->lifetime() == std::chrono::seconds(5) ? absl::OkStatus()
                                                           : internal_error("another answer");
    });
  }
};

TEST_F(NodeDnsTest, AnswersPodsAtTheClusterAddresses) {
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  const FakeView view = example_view();
  const std::vector<IpAddress> addresses = {ip("10.96.0.10"), ip("fd00:10:96::a")};
  Dns dns(io_->get_executor(), {.addresses = addresses}, view, clock_);
  ASSERT_OK(network::add_loopback_addresses(addresses, options_.data_directory));
  ASSERT_OK(dns.start());
  for (const IpAddress& address : addresses) {
    std::atomic<bool> done = false;
    Status status;
    std::thread client([&] {
      status = ask(pod(0), address);
      done = true;
    });
    while (!done) io_->run_for(std::chrono::milliseconds(1));
    client.join();
    EXPECT_OK(status) << address.to_string();
  }
  // A successor takes over what is on the device already.
  dns.stop();
  io_->run_for(std::chrono::milliseconds(1));
  Dns successor(io_->get_executor(), {.addresses = addresses}, view, clock_);
  EXPECT_OK(successor.start());
  successor.stop();
  io_->run_for(std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace skiff::dns
