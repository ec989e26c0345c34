// SPDX-License-Identifier: Apache-2.0
// The name server of a node: cluster names from the agent's own stores, everything else from the
// node's name servers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/dns/responder.h"
#include "base/async.h"
#include "base/clock.h"

namespace skiff::dns {

struct Options {
  std::vector<IpAddress> addresses;  // the cluster DNS addresses, which the node has
  uint16_t port = 53;                // 0: any, the same for UDP and TCP of all addresses
  std::string domain = "cluster.local";
  std::vector<Cidr> reverse_ranges;  // service and pod ranges of the cluster
  ResolverOptions resolver;
};

// Lives on the loop, as `view` and `clock` do, which outlive it.
class Dns {
 public:
  Dns(Executor executor, Options options, const View& view, const Clock& clock);
  ~Dns();

  // Binds, serves. An address that cannot be had fails the start and is named.
  Status start();
  void stop();

  // From now on: who asks what, and what it is told.
  void observe(ExchangeObserver observer);

  uint16_t port() const;
  Counters counters() const;

 private:
  std::shared_ptr<struct ServerState> state_;
};

}  // namespace skiff::dns
