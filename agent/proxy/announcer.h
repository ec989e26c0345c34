// SPDX-License-Identifier: Apache-2.0
// Answers on the segment for the load balancer addresses this node was elected for, and says so
// when it takes one over. Runs on the agent's loop.
#pragma once

#include <map>
#include <set>

#include "agent/net/packet_socket.h"
#include "base/async.h"
#include "base/ip.h"
#include "base/unique_fd.h"

namespace skiff::proxy {

class Announcer {
 public:
  // On the device with this index, in the namespace of the calling thread.
  static Result<std::unique_ptr<Announcer>> open(const Executor& executor, int link_index);

  // Answers for these from now on. What is new is announced at once, and twice more within two
  // seconds, because nobody acknowledges a frame.
  void set(std::set<IpAddress> addresses);
  uint64_t answered() const { return answered_; }

 private:
  Announcer(const Executor& executor, net::MacAddress mac, net::PacketSocket arp,
            net::PacketSocket ndp);
  awaitable<void> listen(net::PacketSocket& socket, UniqueFd own, bool arp);
  awaitable<void> announce(std::set<IpAddress> fresh);
  void answer_all(net::PacketSocket& socket, bool arp);
  void send(const IpAddress& address, const std::vector<uint8_t>& frame);

  Executor executor_;
  net::MacAddress mac_;
  net::PacketSocket arp_;
  net::PacketSocket ndp_;
  std::set<IpAddress> addresses_;
  uint64_t answered_ = 0;
};

}  // namespace skiff::proxy
