// SPDX-License-Identifier: Apache-2.0
#include "kube/transport.h"

namespace skiff::kube {

namespace {

constexpr int kUnauthorized = 401;

}  // namespace

void HttpTransport::add_headers(http::Request& request) {
  if (request.headers.get("accept").empty()) request.headers.set("accept", "application/json");
  request.headers.set("user-agent", "skiff/0.1");
  const std::string& token = bearer_token_.current(std::chrono::steady_clock::now());
  if (!token.empty()) request.headers.set("authorization", "Bearer " + token);
}

awaitable<Result<http::Response>> HttpTransport::call(http::Request request) {
  add_headers(request);
  auto response = co_await client_->fetch(std::move(request));
  if (response.ok() && response->status == kUnauthorized) bearer_token_.refused();
  co_return response;
}

awaitable<Result<std::unique_ptr<http::BodyReader>>> HttpTransport::stream(http::Request request) {
  add_headers(request);
  auto reader = co_await client_->stream(std::move(request));
  if (reader.ok() && (*reader)->status() == kUnauthorized) bearer_token_.refused();
  co_return reader;
}

}  // namespace skiff::kube
