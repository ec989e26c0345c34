// SPDX-License-Identifier: Apache-2.0
// The API server called in its own process, without TLS and without bytes on a wire: what the
// scheduler and the controllers use.
#pragma once

#include <memory>

#include "controller/apiserver/server.h"
#include "kube/transport.h"

namespace skiff::apiserver {

// An identity of the control plane: `system:kube-scheduler`,
// `system:serviceaccount:kube-system:replicaset-controller`, ….
User system_user(std::string name);

class LocalTransport final : public kube::Transport {
 public:
  // `server` must outlive every call and stream.
  LocalTransport(const Executor& executor, Server& server, User user)
      : executor_(executor), server_(server), user_(std::move(user)) {}

  awaitable<Result<http::Response>> call(http::Request request) override;
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request request) override;

 private:
  Executor executor_;
  Server& server_;
  User user_;
};

}  // namespace skiff::apiserver
