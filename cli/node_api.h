// SPDX-License-Identifier: Apache-2.0
// The API of one node's agent: what only the node knows. Belongs to the loop it was made for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/core/node.h"
#include "base/async.h"
#include "base/http/client.h"
#include "base/result.h"
#include "cli/agents.h"
#include "kube/transport.h"

namespace skiff::cli {

class NodeApi {
 public:
  const std::string& node() const { return node_; }
  // The body of the answer. Anything but 200 is an error with what the node said.
  awaitable<Result<std::string>> get(std::string path, http::Query query);
  // The same, piece by piece.
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(std::string path, http::Query query);

 private:
  friend class AgentDialer;
  NodeApi() = default;
  http::Request request(const std::string& path, http::Query query) const;

  std::string node_;
  std::shared_ptr<kube::Transport> transport_;
  std::optional<AgentPod> pod_;  // reached through the API server
  std::string token_;
};

// Makes the NodeApis of a cluster: connections to the API server are shared.
class AgentDialer {
 public:
  AgentDialer(const Executor& executor, AgentAccess access)
      : executor_(executor), access_(std::move(access)) {}
  // Connects at the first question. FAILED_PRECONDITION if the Node has no address yet, NOT_FOUND
  // if no agent runs there.
  Result<std::unique_ptr<NodeApi>> dial(const api::Node& node);

 private:
  Result<std::shared_ptr<kube::Transport>> direct(const api::Node& node) const;

  Executor executor_;
  AgentAccess access_;
  std::shared_ptr<kube::Transport> shared_;
  int shares_ = 0;
};

}  // namespace skiff::cli
