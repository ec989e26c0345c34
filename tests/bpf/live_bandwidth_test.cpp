// SPDX-License-Identifier: Apache-2.0
// Pods with limits and streams that would like to be faster: what arrives, in the way this kernel
// offers (fq at the uplink, or token buckets), and by the programs alone.
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "agent/net/link.h"
#include "agent/network/shaping.h"
#include "tests/bpf/live_fixture.h"

namespace skiff::testing {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kRate = 40'000'000;
// Of a full segment, 1448 of 1514 bytes are the stream's.
constexpr double kLeast = 0.9, kMost = 1.02;
constexpr double kLeastPoliced = 0.75;  // a loss at the end of a burst costs a time-out …
constexpr auto kPolicedFor = 2s;        // … which evens out

// A TCP stream between two namespaces that sends as fast as it can.
class Stream {
 public:
  static Result<std::unique_ptr<Stream>> open(const net::Netns& from, const net::Netns& to,
                                              const IpAddress& address) {
    std::unique_ptr<Stream> stream(new Stream);
    sockaddr_storage storage = {};
    const socklen_t length = fill(storage, address);
    const auto* generic = reinterpret_cast<const sockaddr*>(&storage);
    UniqueFd listener;
    RETURN_IF_ERROR(to.run([&]() -> Status {
      listener.reset(::socket(generic->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const int on = 1;
      ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
      if (::bind(listener.get(), generic, length) < 0 || ::listen(listener.get(), 1) < 0)
        return errno_status(errno, "listen");
      return {};
    }));
    RETURN_IF_ERROR(from.run([&]() -> Status {
      stream->sender_.reset(::socket(generic->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (::connect(stream->sender_.get(), generic, length) < 0)
        return errno_status(errno, "connect");
      return {};
    }));
    stream->receiver_.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!stream->receiver_) return errno_status(errno, "accept");
    stream->start();
    return stream;
  }
  ~Stream() {
    ::shutdown(sender_.get(), SHUT_RDWR);
    ::shutdown(receiver_.get(), SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
  }
  // Bits a second over the next `time`.
  double rate(std::chrono::milliseconds time) const {
    const uint64_t before = received_;
    const auto start = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(time);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return static_cast<double>(received_ - before) * 8 / took.count();
  }

 private:
  static socklen_t fill(sockaddr_storage& storage, const IpAddress& address) {
    constexpr uint16_t kStreamPort = 5001;
    if (address.is_v4()) {
      auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
      *v4 = {.sin_family = AF_INET, .sin_port = htons(kStreamPort)};
      v4->sin_addr.s_addr = htonl(address.v4_host_order());
      return sizeof(*v4);
    }
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    *v6 = {.sin6_family = AF_INET6, .sin6_port = htons(kStreamPort)};
    std::ranges::copy(address.bytes(), v6->sin6_addr.s6_addr);
    return sizeof(*v6);
  }
  void start() {
    threads_.emplace_back([this] {
      const std::string data(65536, 'x');
      while (::send(sender_.get(), data.data(), data.size(), MSG_NOSIGNAL) > 0) {
      }
    });
    threads_.emplace_back([this] {
      std::string buffer(1 << 18, '\0');
      for (ssize_t got = 1; got > 0; received_ += static_cast<uint64_t>(std::max<ssize_t>(got, 0)))
        got = ::recv(receiver_.get(), buffer.data(), buffer.size(), 0);
    });
  }

  UniqueFd sender_, receiver_;
  std::atomic<uint64_t> received_{0};
  std::vector<std::thread> threads_;
};

class LiveBandwidthTest : public LiveTest {
 protected:
  // As the agent does it for a pod whose annotations say so; without queues if `by_programs`.
  void limit(uint64_t egress, uint64_t ingress, bool by_programs = false) {
    const Host& pod = network_->pod(0);
    network::Attachment attachment;
    attachment.netns = fmt::format("/proc/self/fd/{}", pod.netns.fd());
    attachment.host_index = pod.ifindex;
    attachment.bandwidth = {.ingress_rate = ingress, .egress_rate = egress};
    ASSERT_TRUE(pod.netns
                    .run([&]() -> Status {
                      ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
                      ASSIGN_OR_RETURN(const net::Link eth0, net::get_link(netlink, "eth0"));
                      attachment.pod_index = eth0.index;
                      return {};
                    })
                    .ok());
    if (!by_programs) {
      const auto shaped = network::shape_pod_link(
          attachment, {.name = "eth0", .index = network_->outside().ifindex});
      ASSERT_TRUE(shaped.ok()) << shaped.status();
      attachment.shaping = *shaped;
    }
    const uint64_t burst = uint64_t{network::token_bucket(kRate, 0).burst} * 16;
    const Status attached =
        datapath_->attach_pod({.ifindex = pod.ifindex,
                               .addresses = {pod.v4, pod.v6},
                               .mac = network_->pod_mac(0),
                               .gateway_mac = network_->gateway_mac(0),
                               .limits = {.egress_rate = egress,
                                          .ingress_rate = ingress,
                                          .egress_burst = burst,
                                          .ingress_burst = burst,
                                          .ingress_queued = attachment.shaping.ingress_queued,
                                          .paced_uplink = attachment.shaping.paced_uplink}});
    ASSERT_TRUE(attached.ok()) << attached;
    shaping_ = attachment.shaping;
  }
  void expect_rate(const Host& from, const Host& to, bool v4, double least = kLeast,
                   std::chrono::milliseconds time = 1s) {
    auto stream = Stream::open(from.netns, to.netns, to.address(v4));
    ASSERT_TRUE(stream.ok()) << stream.status();
    (void)(*stream)->rate(500ms);  // what may go at once has gone
    const double share = (*stream)->rate(time) / static_cast<double>(kRate);
    RecordProperty("share", fmt::format("{:.3f}", share));
    fmt::print("{} to {}: {:.3f} of the limit\n", from.name, to.name, share);
    EXPECT_GT(share, least);
    EXPECT_LT(share, kMost);
  }

  network::Shaping shaping_;
};

TEST_P(LiveBandwidthTest, APodSendsAtItsEgressBandwidthToAnybody) {
  ASSERT_NO_FATAL_FAILURE(limit(kRate, 0));
  if (!shaping_.egress_queued && shaping_.paced_uplink == 0)
    GTEST_SKIP() << "this kernel has neither fq nor tbf";
  expect_rate(network_->pod(0), network_->outside(), true);
  expect_rate(network_->pod(0), network_->pod(1), false);
}

TEST_P(LiveBandwidthTest, APodGetsItsIngressBandwidthFromAnybody) {
  ASSERT_NO_FATAL_FAILURE(limit(0, kRate));
  if (!shaping_.ingress_queued) GTEST_SKIP() << "this kernel has no tbf";
  expect_rate(network_->outside(), network_->pod(0), true);
  expect_rate(network_->pod(1), network_->pod(0), false);
}

// No queue takes part: however the programs are attached, it is the same.
class LivePolicingTest : public LiveBandwidthTest {};

TEST_P(LivePolicingTest, TheProgramsAloneKeepTheLimitToo) {
  ASSERT_NO_FATAL_FAILURE(limit(kRate, kRate, true));
  expect_rate(network_->pod(0), network_->pod(1), true, kLeastPoliced, kPolicedFor);
  expect_rate(network_->outside(), network_->pod(0), true, kLeastPoliced, kPolicedFor);
}

INSTANTIATE_TEST_SUITE_P(, LiveBandwidthTest,
                         ::testing::Values(TcHook::kAutomatic, TcHook::kClsact), hook_name);
INSTANTIATE_TEST_SUITE_P(, LivePolicingTest, ::testing::Values(TcHook::kAutomatic), hook_name);

}  // namespace
}  // namespace skiff::testing
