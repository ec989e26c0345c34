// SPDX-License-Identifier: Apache-2.0
#include "agent/counted_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/fake_transport.h"

namespace skiff::agent {
namespace {

using testing::HasSubstr;

// A server that is not there.
class Nobody final : public kube::Transport {
 public:
  awaitable<Result<http::Response>> call(http::Request) override { co_return unavailable("x"); }
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request) override {
    co_return unavailable("x");
  }
};

awaitable<void> call(kube::Transport& transport, const char* method) {
  http::Request request;
  request.method = method;
  (void)co_await transport.call(std::move(request));
}

awaitable<void> watch(kube::Transport& transport) {
  (void)co_await transport.stream(http::Request());
}

TEST(RestClientMetrics, HaveTheNamesAndLabelsOfKubernetesOwnClients) {
  asio::io_context io;
  metrics::Registry registry;
  auto fake = std::make_shared<kube::FakeTransport>(io.get_executor());
  fake->answers = {{200, "{}"}, {404, "{}"}};
  CountedTransport counted(fake, registry, "10.0.0.1:6443");
  CountedTransport lonely(std::make_shared<Nobody>(), registry, "10.0.0.1:6443");
  for (const char* method : {"GET", "GET", "POST"})
    spawn(io.get_executor(), "call", call(counted, method));
  spawn(io.get_executor(), "watch", watch(counted));
  spawn(io.get_executor(), "lost", call(lonely, "GET"));
  io.run();
  const std::string text = metrics::text(registry);
  for (const char* line :
       {R"(rest_client_requests_total{code="200",host="10.0.0.1:6443",method="GET"} 2)",
        R"(rest_client_requests_total{code="404",host="10.0.0.1:6443",method="GET"} 1)",
        R"(rest_client_requests_total{code="404",host="10.0.0.1:6443",method="POST"} 1)",
        R"(rest_client_requests_total{code="<error>",host="10.0.0.1:6443",method="GET"} 1)",
        R"(rest_client_request_duration_seconds_count{host="10.0.0.1:6443",verb="GET"} 4)"})
    EXPECT_THAT(text, HasSubstr(line));
}

}  // namespace
}  // namespace skiff::agent
