// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/unit/server/answer.h"

namespace skiff::kube_proxy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ProxyServer : public testing::Test {
 protected:
  using Port = http::Handler& (Server::*)();
  ::skiff::server::Answer ask(const std::string& path, Port port = &Server::health) {
    Server server(io_.get_executor(),
                  {.health = [this] { return health_; },
                   .metrics = [this] { return metrics::text(registry_); },
                   .registry = &registry_},
                  clock_);
    ::skiff::server::Answer answer;
    http::Request request;
    request.path = path;
    spawn(io_.get_executor(), "ask", (server.*port)().serve(std::move(request), answer));
    io_.restart();
    io_.run_for(5s);
    return answer;
  }

  asio::io_context io_;
  FakeClock clock_;
  metrics::Registry registry_;
  Health health_{.synced = true,
                 .behind_since = std::nullopt,
                 .started = clock_.now(),
                 .last_updated = clock_.now(),
                 .node_eligible = true};
};

TEST_F(ProxyServer, CountsItsAnswersUnderKubeProxysNames) {
  EXPECT_EQ(ask("/healthz").status, 200);
  EXPECT_EQ(ask("/livez").status, 200);
  health_.node_eligible = false;
  EXPECT_EQ(ask("/healthz").status, 503);
  EXPECT_EQ(ask("/healthz").status, 503);
  EXPECT_EQ(ask("/livez").status, 200);
  const std::string text = ask("/metrics", &Server::metrics).body;
  for (const char* line : {R"(kubeproxy_proxy_healthz_total{code="200"} 1)",
                           R"(kubeproxy_proxy_healthz_total{code="503"} 2)",
                           R"(kubeproxy_proxy_livez_total{code="200"} 2)"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(ProxyServer, SaysItsModeAndKnowsNothingElse) {
  EXPECT_EQ(ask("/proxyMode", &Server::metrics).body, "ebpf");
  EXPECT_EQ(ask("/healthz", &Server::metrics).status, 200);
  for (const char* path : {"/configz", "/livez"})
    EXPECT_EQ(ask(path, &Server::metrics).status, 404) << path;
}

TEST_F(ProxyServer, TheHealthPortHandsOutNoMetrics) {
  for (const char* path : {"/metrics", "/proxyMode", "/"})
    EXPECT_EQ(ask(path, &Server::health).status, 404) << path;
}

}  // namespace
}  // namespace skiff::kube_proxy
