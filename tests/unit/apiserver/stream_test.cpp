// SPDX-License-Identifier: Apache-2.0
// Logs and upgrades, over a node that is played by the test; identities over the wire's entrance.
#include <deque>

#include "controller/apiserver/impersonation.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

class FakeBody final : public http::BodyReader {
 public:
  FakeBody(int status, std::deque<std::string> pieces)
      : status_(status), pieces_(std::move(pieces)) {}
  int status() const override { return status_; }
  const http::Headers& headers() const override { return headers_; }
  awaitable<Result<std::string>> read() override {
    if (pieces_.empty()) co_return std::string();
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    co_return piece;
  }

 private:
  int status_;
  http::Headers headers_;
  std::deque<std::string> pieces_;
};

// Remembers what it was asked.
class FakeNodes final : public NodeTunnel {
 public:
  int status = 200;
  std::deque<std::string> pieces;
  NodeAddress asked_node;
  http::Request asked;

  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(NodeAddress node,
                                                              http::Request request) override {
    asked_node = node;
    asked = std::move(request);
    co_return std::make_unique<FakeBody>(status, pieces);
  }
  awaitable<Result<http::Upgrade>> upgrade(NodeAddress node, http::Request request) override {
    asked_node = node;
    asked = std::move(request);
    co_return unavailable("no tunnel in this test");
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> dial(NodeAddress, std::string,
                                                            uint16_t) override {
    co_return unavailable("no tunnel in this test");
  }
};

class Streams : public ApiTest {
 protected:
  Streams() : nodes_(std::make_shared<FakeNodes>()) {
    backend_->nodes = nodes_;
    ask("POST", "/api/v1/nodes",
        R"({"metadata":{"name":"n1"},"status":{"addresses":[{"type":"Hostname","address":"n1"},)"
        R"({"type":"InternalIP","address":"10.89.0.2"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}})");
    EXPECT_EQ(code, 201);
    ask("POST", "/api/v1/namespaces/default/pods", pod_json("p", "", R"(,"nodeName":"n1")"));
    EXPECT_EQ(code, 201);
  }
  std::shared_ptr<FakeNodes> nodes_;
};

TEST_F(Streams, PassLogsOn) {
  nodes_->pieces = {"one\n", "two\n"};
  const auto response =
      call("GET", "/api/v1/namespaces/default/pods/p/log?tailLines=5&container=c");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(response.body_text(), "one\ntwo\n");
  EXPECT_EQ(response.headers.get("content-type"), "text/plain");
  EXPECT_EQ(nodes_->asked_node.name, "n1");
  EXPECT_EQ(nodes_->asked_node.host, "10.89.0.2");
  EXPECT_EQ(nodes_->asked.raw_target, "/containerLogs/default/p/c?tailLines=5");
}

TEST_F(Streams, TurnTheNodesRefusalIntoAStatus) {
  nodes_->status = 400;
  nodes_->pieces = {"container \"c\" in pod \"p\" is waiting to start: ContainerCreating\n"};
  const auto refused = ask("GET", "/api/v1/namespaces/default/pods/p/log");
  EXPECT_EQ(code, 400);
  EXPECT_EQ(at(refused, "message"),
            "container \"c\" in pod \"p\" is waiting to start: ContainerCreating");
}

TEST_F(Streams, SayWhyAContainerHasNoLogYet) {
  const std::string pod = "/api/v1/namespaces/default/pods/p";
  call(
      "PATCH", pod + "/status",
      R"({"status":{"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}})",
      {{"content-type", "application/merge-patch+json"}});
  ASSERT_EQ(code, 200);
  nodes_->status = 400;
  nodes_->pieces = {"container \"c\" in pod \"p\" is waiting to start: ContainerCreating\n"};
  EXPECT_EQ(at(ask("GET", pod + "/log"), "message"),
            "container \"c\" in pod \"p\" is waiting to start: trying and failing to pull image");
  nodes_->pieces = {"previous terminated container \"c\" in pod \"p\" not found\n"};
  EXPECT_EQ(at(ask("GET", pod + "/log?previous=true"), "message"),
            "previous terminated container \"c\" in pod \"p\" not found");
}

TEST_F(Streams, KnowThePodsContainers) {
  const auto refused = ask("GET", "/api/v1/namespaces/default/pods/p/log?container=x");
  EXPECT_EQ(code, 400);
  EXPECT_EQ(at(refused, "message"), "container x is not valid for pod p");
  call("GET", "/api/v1/namespaces/default/pods/none/log");
  EXPECT_EQ(code, 404);
}

TEST_F(Streams, TranslateExecForTheNode) {
  call("POST",
       "/api/v1/namespaces/default/pods/p/"
       "exec?command=sh&command=-c&stdin=true&stdout=true&tty=true",
       "",
       {{"connection", "Upgrade"}, {"upgrade", "SPDY/3.1"}, {"authorization", "Bearer secret"}});
  EXPECT_EQ(code, 503);
  EXPECT_EQ(nodes_->asked.raw_target,
            "/exec/default/p/c?command=sh&command=-c&input=1&output=1&tty=1");
  EXPECT_EQ(nodes_->asked.headers.get("upgrade"), "SPDY/3.1");
  EXPECT_EQ(nodes_->asked.headers.get("authorization"), "");
}

TEST_F(Streams, SendNewWebSocketClientsToSpdy) {
  const std::string exec = "/api/v1/namespaces/default/pods/p/exec?command=sh";
  const HeaderList fresh = {{"upgrade", "websocket"},
                            {"sec-websocket-protocol", "v5.channel.k8s.io"}};
  call("GET", exec, "", fresh);
  EXPECT_EQ(code, 400);
  EXPECT_EQ(nodes_->asked.raw_target, "");
  call("GET", exec, "",
       {{"upgrade", "websocket"},
        {"sec-websocket-protocol", "v5.channel.k8s.io, v4.channel.k8s.io"}});
  EXPECT_EQ(nodes_->asked.headers.get("sec-websocket-protocol"),
            "v5.channel.k8s.io, v4.channel.k8s.io");
}

// Takes the name in a header for granted.
class HeaderAuthenticator final : public Authenticator {
 public:
  Result<std::optional<User>> authenticate(const http::Request& request) override {
    const std::string_view name = request.headers.get("x-user");
    if (name.empty()) return std::nullopt;
    if (name == "liar") return unauthenticated("no such user");
    return User{.name = std::string(name), .groups = {std::string(request.headers.get("x-group"))}};
  }
};

// Keeps the one answer.
class Answered final : public http::ResponseWriter {
 public:
  http::Response response;
  awaitable<Status> respond(http::Response answer) override {
    response = std::move(answer);
    co_return absl::OkStatus();
  }
  awaitable<Status> start(int, http::Headers) override { co_return absl::OkStatus(); }
  awaitable<Status> write(std::shared_ptr<const std::string>) override {
    co_return absl::OkStatus();
  }
  bool cancelled() const override { return false; }
  void on_cancel(std::function<void()>) override {}
  awaitable<Result<std::unique_ptr<http::ByteStream>>> upgrade(http::Headers) override {
    co_return unimplemented("no");
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> hijack() override {
    co_return unimplemented("no");
  }
};

TEST_F(Streams, AskWhoItIsFirst) {
  std::vector<std::unique_ptr<Authenticator>> authenticators;
  authenticators.push_back(std::make_unique<HeaderAuthenticator>());
  Server server(*backend_, std::move(authenticators), simple_authorizer());
  struct Case {
    const char* user;
    const char* group;
    int code;
  };
  for (const Case& one :
       {Case{"", "", 403}, Case{"liar", "", 401}, Case{"eve", "guests", 403},
        Case{"admin", "system:masters", 200}, Case{"system:node:n1", "system:nodes", 200}}) {
    http::Request request{.path = "/api/v1/pods"};
    request.headers.set("x-user", one.user);
    request.headers.set("x-group", one.group);
    Answered answer;
    run([](Server& asked, http::Request r, Answered& a) -> awaitable<bool> {
      co_await asked.serve(std::move(r), a);
      co_return true;
    }(server, std::move(request), answer));
    EXPECT_EQ(answer.response.status, one.code) << one.user;
  }
}

TEST(Impersonation, IsForThoseWhoMay) {
  const auto authorizer = simple_authorizer();
  const User admin{.name = "admin", .groups = {kMasters}};
  http::Headers headers;
  EXPECT_EQ(acting_user(admin, headers, *authorizer)->name, "admin");
  headers.add("impersonate-group", "guests");
  EXPECT_EQ(http_code(acting_user(admin, headers, *authorizer).status()), 400);
  headers.add("impersonate-user", "eve");
  headers.add("impersonate-extra-scopes%2fa", "b");
  const auto eve = acting_user(admin, headers, *authorizer);
  ASSERT_TRUE(eve.ok());
  EXPECT_EQ(eve->name, "eve");
  EXPECT_EQ(eve->groups, (std::vector<std::string>{"guests", "system:authenticated"}));
  EXPECT_EQ(eve->extra.at("scopes/a"), std::vector<std::string>{"b"});
  const auto refused = acting_user({.name = "eve"}, headers, *authorizer);
  EXPECT_EQ(http_code(refused.status()), 403);
  EXPECT_NE(message(refused.status()).find("User \"eve\" cannot impersonate resource \"users\""),
            std::string_view::npos);
}

TEST(Impersonation, GivesServiceAccountsTheirGroups) {
  http::Headers headers;
  headers.add("impersonate-user", "system:serviceaccount:shop:till");
  const auto authorizer = simple_authorizer();
  const auto till = acting_user({.name = "admin", .groups = {kMasters}}, headers, *authorizer);
  ASSERT_TRUE(till.ok());
  EXPECT_EQ(till->groups,
            (std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:shop",
                                      "system:authenticated"}));
}

}  // namespace
}  // namespace skiff::apiserver
