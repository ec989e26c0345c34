// SPDX-License-Identifier: Apache-2.0
// HTTP probes against a real server, with and without TLS.
#include "agent/kubelet/http_get.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/http/server.h"
#include "base/pki.h"

namespace skiff::kubelet {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Answers by path; notes what was asked.
class Site final : public http::Handler {
 public:
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override {
    asked.push_back(std::string(request.headers.get("host")) + request.path);
    const auto redirect = redirects.find(request.path);
    if (redirect != redirects.end()) {
      auto answer = http::Response::text(302, "over there");
      answer.headers.set("location", redirect->second);
      (void)co_await writer.respond(std::move(answer));
    } else if (request.path == "/endless") {
      (void)co_await writer.start(200, {});
      const auto piece = std::make_shared<const std::string>(std::string(4096, 'x'));
      while ((co_await writer.write(piece)).ok()) ++pieces;
    } else {
      const bool healthy = request.path == "/healthy" && request.query.get("deep") != "no";
      (void)co_await writer.respond(http::Response::text(healthy ? 200 : 500, "text"));
    }
  }

  std::map<std::string, std::string> redirects;  // by path
  std::vector<std::string> asked;
  int pieces = 0;
};

class HttpGet : public ::testing::Test {
 protected:
  void serve(bool tls = false) {
    std::shared_ptr<http::ServerTls> context;
    if (tls) {
      const TimePoint now = std::chrono::system_clock::now();
      const pki::Pair ca = *pki::make_ca("somebody's CA", now);
      const pki::Pair own = *pki::make_leaf(
          ca, {.subject = {"elsewhere", {}}, .dns_names = {"elsewhere"}, .server = true}, now);
      context = *http::ServerTls::make({own.certificate, own.private_key, ""});
    }
    server = *http::Server::listen(loop.get_executor(), {}, context, site);
  }
  ActionOutcome get(const std::string& path, const std::string& scheme = "HTTP") {
    api::HTTPGetAction action;
    action.path = path;
    action.port = api::IntOrString(server->port());
    action.scheme = scheme;
    action.httpHeaders = headers;
    std::optional<ActionOutcome> outcome;
    spawn(loop.get_executor(), "probe",
          [](const api::HTTPGetAction& what, std::optional<ActionOutcome>& out) -> awaitable<void> {
            const api::Container container;
            out = co_await http_get(what, {container, "id", "127.0.0.1"}, std::chrono::seconds(10));
          }(action, outcome));
    while (!outcome) loop.run_one();
    return *outcome;
  }
  std::string own(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", server->port(), path);
  }

  asio::io_context loop;
  Site site;
  std::vector<api::HTTPHeader> headers;
  std::unique_ptr<http::Server> server;
};

TEST_F(HttpGet, TakesAnAnswerBelow400) {
  serve();
  EXPECT_TRUE(get("/healthy").success);
  EXPECT_FALSE(get("/healthy").warning);
  EXPECT_TRUE(get("healthy").success);
  EXPECT_EQ(get("/healthy?deep=no").message, "HTTP probe failed with statuscode: 500");
}

TEST_F(HttpGet, DoesNotCheckTheCertificate) {
  serve(true);
  EXPECT_TRUE(get("/healthy", "HTTPS").success);
  EXPECT_FALSE(get("/sick", "HTTPS").success);
  EXPECT_THAT(get("/healthy", "HTTP").message, StartsWith("Get \"" + own("/healthy") + "\": "));
}

TEST_F(HttpGet, FollowsRedirectsOnTheSameHost) {
  serve();
  site.redirects = {{"/a/start", "../b"}, {"/b", own("/healthy")}, {"/bad", "/sick"}};
  const ActionOutcome outcome = get("/a/start");
  EXPECT_TRUE(outcome.success);
  EXPECT_FALSE(outcome.warning);
  EXPECT_EQ(site.asked.size(), 3u);
  EXPECT_EQ(get("/bad").message, "HTTP probe failed with statuscode: 500");
}

TEST_F(HttpGet, WarnsOfARedirectToAnotherHostAndDoesNotFollowIt) {
  serve();
  site.redirects = {{"/out", "http://elsewhere.example/"}, {"/nowhere", ""}};
  for (const char* path : {"/out", "/nowhere"}) {
    const ActionOutcome outcome = get(path);
    EXPECT_TRUE(outcome.success);
    EXPECT_TRUE(outcome.warning);
    EXPECT_EQ(outcome.message, "Probe terminated redirects, Response body: over there");
  }
  EXPECT_EQ(site.asked.size(), 2u);
}

TEST_F(HttpGet, StopsAfterTenRequests) {
  serve();
  site.redirects = {{"/round", "/round"}};
  const ActionOutcome outcome = get("/round");
  EXPECT_FALSE(outcome.success);
  EXPECT_THAT(outcome.message, HasSubstr("stopped after 10 redirects"));
  EXPECT_EQ(site.asked.size(), 10u);
}

TEST_F(HttpGet, KeepsTheProbesHostOnARelativeRedirect) {
  serve();
  headers = {{"Host", "shop.example"}};
  site.redirects = {{"/relative", "/healthy"}, {"/absolute", own("/healthy")}};
  EXPECT_TRUE(get("/relative").success);
  EXPECT_EQ(site.asked.back(), "shop.example/healthy");
  EXPECT_TRUE(get("/absolute").success);
  EXPECT_EQ(site.asked.back(), fmt::format("127.0.0.1:{}/healthy", server->port()));
}

TEST_F(HttpGet, ReadsTenKilobytesOfAnEndlessAnswer) {
  serve();
  // The answer is judged by its head: the probe is done before its time is over.
  EXPECT_TRUE(get("/endless").success);
  loop.restart();
  loop.run_for(std::chrono::milliseconds(20));
  EXPECT_LT(site.pieces, 10'000);
}

}  // namespace
}  // namespace skiff::kubelet
