// SPDX-License-Identifier: Apache-2.0
// The boundary between our Kubernetes clients and an API server: HTTPS in the agent and the cli
// (HttpTransport), a direct call in the controller's own process (controller/apiserver
// LocalTransport), a fake in tests.
#pragma once

#include <memory>

#include "base/async.h"
#include "base/http/client.h"
#include "base/http/message.h"
#include "base/result.h"
#include "kube/bearer_token.h"

namespace skiff::kube {

class Transport {
 public:
  virtual ~Transport() = default;
  // Method, path, query, headers and body of `request` count. HTTP error statuses are answers here,
  // not errors.
  virtual awaitable<Result<http::Response>> call(http::Request request) = 0;
  // The same with a streamed body: watches, logs.
  virtual awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request request) = 0;
};

// Over HTTPS, through base/http's client.
class HttpTransport final : public Transport {
 public:
  HttpTransport(std::unique_ptr<http::Client> client, BearerToken bearer_token)
      : client_(std::move(client)), bearer_token_(std::move(bearer_token)) {}

  awaitable<Result<http::Response>> call(http::Request request) override;
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request request) override;

 private:
  void add_headers(http::Request& request);

  std::unique_ptr<http::Client> client_;
  BearerToken bearer_token_;
};

}  // namespace skiff::kube
