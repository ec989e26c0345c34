// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/announcer.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/proxy/neighbour_frames.h"
#include "base/clock.h"
#include "base/file.h"

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 3> kAnnounceAfter = {0s, 500ms, 1500ms};

}  // namespace

Result<std::unique_ptr<Announcer>> Announcer::open(const Executor& executor, int link_index) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, link_index));
  ASSIGN_OR_RETURN(auto arp, net::PacketSocket::open(link_index, net::FrameKind::kArp));
  ASSIGN_OR_RETURN(auto ndp,
                   net::PacketSocket::open(link_index, net::FrameKind::kNeighbourSolicitation));
  // The descriptors stay the sockets': what the loop waits for are their doubles.
  ASSIGN_OR_RETURN(UniqueFd arp_ready, duplicate(arp.fd()), "arp");
  ASSIGN_OR_RETURN(UniqueFd ndp_ready, duplicate(ndp.fd()), "ndp");
  std::unique_ptr<Announcer> announcer(
      new Announcer(executor, link.mac, std::move(arp), std::move(ndp)));
  spawn(executor, "arp", announcer->listen(announcer->arp_, std::move(arp_ready), true));
  spawn(executor, "ndp", announcer->listen(announcer->ndp_, std::move(ndp_ready), false));
  return announcer;
}

Announcer::Announcer(const Executor& executor, net::MacAddress mac, net::PacketSocket arp,
                     net::PacketSocket ndp)
    : executor_(executor), mac_(mac), arp_(std::move(arp)), ndp_(std::move(ndp)) {}

void Announcer::set(std::set<IpAddress> addresses) {
  std::set<IpAddress> fresh;
  std::set_difference(addresses.begin(), addresses.end(), addresses_.begin(), addresses_.end(),
                      std::inserter(fresh, fresh.end()));
  addresses_ = std::move(addresses);
  if (!fresh.empty()) spawn(executor_, "announce", announce(std::move(fresh)));
}

awaitable<void> Announcer::announce(std::set<IpAddress> fresh) {
  Duration waited = 0s;
  for (const Duration after : kAnnounceAfter) {
    if (after > waited) co_await sleep_for(after - waited);
    waited = after;
    for (const IpAddress& address : fresh)
      if (addresses_.contains(address)) send(address, announcement(address, mac_));
  }
}

awaitable<void> Announcer::listen(net::PacketSocket& socket, UniqueFd own, bool arp) {
  asio::posix::stream_descriptor ready(executor_, own.release());
  for (;;) {
    boost::system::error_code failed;
    co_await ready.async_wait(asio::posix::stream_descriptor::wait_read,
                              asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    answer_all(socket, arp);
  }
}

void Announcer::answer_all(net::PacketSocket& socket, bool arp) {
  for (;;) {
    const auto frame = socket.receive();
    if (!frame.ok()) {
      spdlog::warn("load balancer addresses: {}, ignoring", message(frame.status()));
      return;
    }
    if (!*frame) return;
    const auto question = arp ? parse_arp(**frame) : parse_solicitation(**frame);
    if (!question || !addresses_.contains(question->wanted) || question->asker_mac == mac_)
      continue;
    send(question->wanted, answer(*question, mac_));
    ++answered_;
  }
}

void Announcer::send(const IpAddress& address, const std::vector<uint8_t>& frame) {
  const Status sent = (address.is_v4() ? arp_ : ndp_).send(frame);
  if (!sent.ok()) spdlog::warn("announce {}: {}, ignoring", address.to_string(), message(sent));
}

}  // namespace skiff::proxy
