// SPDX-License-Identifier: Apache-2.0
// The way to a node's own API (port 10250): logs as streams, exec, attach and port-forward as
// tunnelled bytes.
#pragma once

#include <memory>
#include <string>

#include "base/async.h"
#include "base/http/client.h"
#include "base/http/message.h"
#include "base/result.h"

namespace skiff::apiserver {

struct NodeAddress {
  std::string host;
  uint16_t port = 10250;
};

class NodeTunnel {
 public:
  virtual ~NodeTunnel() = default;
  // Sends `request` and streams its answer.
  virtual awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(NodeAddress node,
                                                                      http::Request request) = 0;
  // A connection on which the head of `request` was sent; the answer is the caller's to read.
  virtual awaitable<Result<std::unique_ptr<http::ByteStream>>> tunnel(NodeAddress node,
                                                                      http::Request request) = 0;
};

// Over HTTPS with `tls` (the API server's client certificate for nodes).
std::unique_ptr<NodeTunnel> https_node_tunnel(const Executor& executor,
                                              std::shared_ptr<http::ClientTls> tls);

}  // namespace skiff::apiserver
