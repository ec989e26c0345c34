// SPDX-License-Identifier: Apache-2.0
#include "kube/transport.h"

namespace skiff::kube {

void HttpTransport::add_headers(http::Request& request) const {
  if (request.headers.get("accept").empty()) request.headers.set("accept", "application/json");
  request.headers.set("user-agent", "skiff/0.1");
  if (!bearer_token_.empty()) request.headers.set("authorization", "Bearer " + bearer_token_);
}

awaitable<Result<http::Response>> HttpTransport::call(http::Request request) {
  add_headers(request);
  co_return co_await client_->fetch(std::move(request));
}

awaitable<Result<std::unique_ptr<http::BodyReader>>> HttpTransport::stream(http::Request request) {
  add_headers(request);
  co_return co_await client_->stream(std::move(request));
}

}  // namespace skiff::kube
