// SPDX-License-Identifier: Apache-2.0
// The cluster's API, asked one question at a time: commands have no event loop of their own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/core/node.h"
#include "api/discovery/endpoint_slice.h"
#include "base/async.h"
#include "base/http/message.h"
#include "base/result.h"
#include "cli/agents.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"

namespace skiff::cli {

class AgentDialer;

class Api {
 public:
  ~Api();
  static Result<std::unique_ptr<Api>> connect(const std::string& kubeconfig);

  // OK once the server answers and is ready.
  Status ready();
  // Every object of a kind, in every namespace.
  template <class T>
  Result<std::vector<T>> list(kube::ListOptions options = {}) {
    return wait_for(client_->list<T>("", std::move(options)));
  }
  // How to ask the agents of the nodes.
  Result<AgentAccess> agents(Right right);
  // "https://192.0.2.1:6443"
  std::string server() const;
  // Something only the node's agent knows: the body of its answer. The agents are looked for once.
  Result<std::string> ask(const api::Node& node, std::string path, http::Query query);

 private:
  Api() = default;
  Result<std::string> agent_token(const std::string& namespace_, Right right);
  template <class T>
  T wait_for(awaitable<T> task) {
    std::optional<T> result;
    asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T value) {
      result = error ? T(internal_error("unexpected exception")) : std::move(value);
    });
    loop_.restart();
    while (!result) loop_.run_one();
    return std::move(*result);
  }

  asio::io_context loop_{1};
  kube::ApiEndpoint endpoint_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<AgentDialer> dialer_;
};

// From v1beta1 where the server has no v1.
template <>
Result<std::vector<api::EndpointSlice>> Api::list(kube::ListOptions options);

bool is_ready(const api::Node& node);

}  // namespace skiff::cli
