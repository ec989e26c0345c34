// SPDX-License-Identifier: Apache-2.0
#include "agent/counted_transport.h"

namespace skiff::agent {

void CountedTransport::count(const std::string& method, std::optional<int> status,
                             std::chrono::steady_clock::time_point began) {
  metrics::Counter*& requests = requests_[{method, status.value_or(0)}];
  if (requests == nullptr)
    requests =
        &metrics::counter(registry_, "rest_client_requests_total",
                          "Number of HTTP requests, partitioned by status code, method, and host.",
                          {{"code", status ? std::to_string(*status) : "<error>"},
                           {"method", method},
                           {"host", host_}});
  requests->Increment();
  metrics::Histogram*& seconds = seconds_[method];
  if (seconds == nullptr)
    seconds = &metrics::histogram(registry_, "rest_client_request_duration_seconds",
                                  "Request latency in seconds. Broken down by verb, and host.",
                                  metrics::exponential_buckets(0.001, 2, 16),
                                  {{"verb", method}, {"host", host_}});
  seconds->Observe(metrics::seconds(std::chrono::steady_clock::now() - began));
}

awaitable<Result<http::Response>> CountedTransport::call(http::Request request) {
  const auto began = std::chrono::steady_clock::now();
  const std::string method = request.method;
  auto response = co_await inner_->call(std::move(request));
  count(method, response.ok() ? std::optional(response->status) : std::nullopt, began);
  co_return response;
}

// A watch counts when it begins.
awaitable<Result<std::unique_ptr<http::BodyReader>>> CountedTransport::stream(
    http::Request request) {
  const auto began = std::chrono::steady_clock::now();
  const std::string method = request.method;
  auto reader = co_await inner_->stream(std::move(request));
  count(method, reader.ok() ? std::optional((*reader)->status()) : std::nullopt, began);
  co_return reader;
}

}  // namespace skiff::agent
