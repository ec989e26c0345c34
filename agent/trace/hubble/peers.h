// SPDX-License-Identifier: Apache-2.0
// The cluster's nodes as Hubble's peers: hubble-relay asks one agent for them (Peer/Notify), then
// gathers the flows of all.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/trace/hubble/write_stream.h"
#include "api/core/node.h"
#include "kube/store.h"
#include "proto/hubble_peer.grpc.pb.h"

namespace skiff::trace::hubble {

using PeerAddresses = std::map<std::string, std::string>;  // by name of the node: "10.0.0.1:4244"

// Nodes without an address are left out.
PeerAddresses peers_of(const std::vector<std::shared_ptr<const api::Node>>& nodes, uint16_t port);
// The name in the certificate of a node: `*` is the node's own name, without its dots in
// `*.hubble.example` (one label). Empty stays empty.
std::string server_name_of(const std::string& pattern, const std::string& node);
// What tells a client that knows `before` of `now`. `names` is a pattern of server_name_of();
// empty: peers are served plainly.
std::vector<peer::ChangeNotification> changes(const PeerAddresses& before, const PeerAddresses& now,
                                              const std::string& names);

// Belongs to the loop. The store outlives it.
class Peers {
 public:
  Peers(const Executor& executor, kube::Store<api::Node>& nodes, uint16_t port,
        std::string server_names);
  PeerAddresses now() const { return peers_of(nodes_.list(), port_); }
  const std::string& server_names() const { return server_names_; }
  Event& changed() { return changed_; }

 private:
  kube::Store<api::Node>& nodes_;
  uint16_t port_;
  std::string server_names_;
  Event changed_;
};

// One Notify call.
class PeerStream final : public WriteStream<peer::ChangeNotification> {
 public:
  PeerStream(const Executor& executor, Peers& peers)
      : WriteStream(executor, "hubble peers"), peers_(peers) {}

 private:
  awaitable<grpc::Status> pump() override;

  Peers& peers_;
};

}  // namespace skiff::trace::hubble
