// SPDX-License-Identifier: Apache-2.0
// The way to a node's own API (port 10250): logs as streams, exec, attach and port-forward as
// upgraded connections, and plain connections into the node's network.
#pragma once

#include <memory>
#include <string>

#include "base/async.h"
#include "base/http/client.h"
#include "base/http/message.h"
#include "base/result.h"

namespace skiff::apiserver {

// `host` comes from Node.status, which the node's own credentials may change; `name` does not, so
// it is what the certificate at the other end must say.
struct NodeAddress {
  std::string name;
  std::string host;
  uint16_t port = 10250;
};

class NodeTunnel {
 public:
  virtual ~NodeTunnel() = default;
  // Sends `request` and streams its answer.
  virtual awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(NodeAddress node,
                                                                      http::Request request) = 0;
  // Sends `request`, which asks for another protocol. Only what a node that agreed gives may be
  // joined with a client: an HTTP connection of ours would carry whatever the client asks next,
  // with our rights (CVE-2018-1002105).
  virtual awaitable<Result<http::Upgrade>> upgrade(NodeAddress node, http::Request request) = 0;
  // A connection from the node to `ip`:`port` (a pod, a node's own address).
  virtual awaitable<Result<std::unique_ptr<http::ByteStream>>> dial(NodeAddress node,
                                                                    std::string ip,
                                                                    uint16_t port) = 0;
};

// Over HTTPS with `tls` (the API server's client certificate for nodes); null: plain.
std::unique_ptr<NodeTunnel> https_node_tunnel(const Executor& executor,
                                              std::shared_ptr<http::ClientTls> tls);

}  // namespace skiff::apiserver
