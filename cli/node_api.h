// SPDX-License-Identifier: Apache-2.0
// The API of one node's agent, asked directly with the administrator's certificate: what only the
// node knows. Belongs to the loop it was made for.
#pragma once

#include <memory>
#include <string>

#include "api/core/node.h"
#include "base/async.h"
#include "base/http/client.h"
#include "base/result.h"
#include "kube/kubeconfig.h"

namespace skiff::cli {

class NodeApi {
 public:
  // FAILED_PRECONDITION if the Node has no address yet.
  static Result<std::unique_ptr<NodeApi>> make(const Executor& executor,
                                               const kube::ApiEndpoint& credentials,
                                               const api::Node& node);

  const std::string& node() const { return node_; }
  // The body of the answer. Anything but 200 is an error with what the node said.
  awaitable<Result<std::string>> get(std::string path, http::Query query);
  // The same, piece by piece.
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(std::string path, http::Query query);

 private:
  NodeApi() = default;

  std::string node_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace skiff::cli
