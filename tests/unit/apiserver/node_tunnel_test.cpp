// SPDX-License-Identifier: Apache-2.0
// Upgrades over real connections: client, API server and a node that the test plays.
#include "base/http/server.h"
#include "base/pki.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

// Serves /exec/… as told and keeps what it was asked.
class PlayedNode final : public http::Handler {
 public:
  bool agrees = false;
  std::vector<std::string> asked;

  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override {
    asked.push_back(request.path);
    if (!agrees) {
      (void)co_await writer.respond(http::Response::text(404, "container not found (\"c\")\n"));
      co_return;
    }
    http::Headers headers;
    headers.add("upgrade", "SPDY/3.1");
    headers.add("x-stream-protocol-version", "v4.channel.k8s.io");
    const auto stream = co_await writer.upgrade(std::move(headers));
    if (!stream.ok()) co_return;
    std::string buffer(100, '\0');
    const auto got = co_await (*stream)->read(asio::buffer(buffer));
    if (got.ok()) (void)co_await (*stream)->write(asio::buffer("<" + buffer.substr(0, *got) + ">"));
    co_await (*stream)->shutdown();
  }
};

// The API server's entrance for a user whose identity is settled.
class Entrance final : public http::Handler {
 public:
  explicit Entrance(Server& server) : server_(server) {}
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override {
    return server_.serve_as(system_user("test"), std::move(request), writer);
  }

 private:
  Server& server_;
};

constexpr const char* kExec =
    "POST /api/v1/namespaces/default/pods/p/exec?command=sh HTTP/1.1\r\nHost: api\r\n"
    "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n\r\n";

class NodeTunnels : public ApiTest {
 protected:
  NodeTunnels() : entrance_(*server_) {
    api_ = http::Server::listen(loop_.get_executor(), {}, nullptr, entrance_).value();
  }

  // A node whose certificate says `name` (empty: without TLS), which Node n1 points to.
  void start_node(const std::string& name) {
    std::shared_ptr<http::ServerTls> server_tls;
    std::shared_ptr<http::ClientTls> client_tls;
    if (!name.empty()) {
      const pki::Pair ca = pki::make_ca("test", clock_.now()).value();
      const pki::Pair leaf = pki::make_leaf(ca,
                                            {.subject = {"system:node:" + name, {"system:nodes"}},
                                             .dns_names = {name},
                                             .addresses = {"127.0.0.1"},
                                             .server = true},
                                            std::chrono::system_clock::now())
                                 .value();
      server_tls = http::ServerTls::make({leaf.certificate, leaf.private_key, ""}).value();
      http::ClientTlsOptions options;
      options.ca = ca.certificate;
      client_tls = http::ClientTls::make(options).value();
    }
    node_server_ = http::Server::listen(loop_.get_executor(), {}, server_tls, node_).value();
    backend_->nodes = https_node_tunnel(loop_.get_executor(), client_tls);
    ask("POST", "/api/v1/nodes",
        fmt::format(
            R"({{"metadata":{{"name":"n1"}},"status":{{"addresses":[{{"type":"InternalIP",)"
            R"("address":"127.0.0.1"}}],"daemonEndpoints":{{"kubeletEndpoint":{{"Port":{}}}}}}}}})",
            node_server_->port()));
    ASSERT_EQ(code, 201);
    ask("POST", "/api/v1/namespaces/default/pods", pod_json("p", "", R"(,"nodeName":"n1")"));
    ASSERT_EQ(code, 201);
  }

  // Everything the API server answers to these bytes.
  std::string talk(const std::string& bytes) {
    return run([](uint16_t port, std::string text) -> awaitable<std::string> {
      const auto stream =
          co_await http::connect("127.0.0.1", port, nullptr, std::chrono::seconds(10));
      if (!stream.ok()) co_return std::string(message(stream.status()));
      (void)co_await (*stream)->write(asio::buffer(text));
      std::string answer, buffer(4096, '\0');
      for (;;) {
        const auto got = co_await (*stream)->read(asio::buffer(buffer));
        if (!got.ok() || *got == 0) co_return answer;
        answer.append(buffer, 0, *got);
      }
    }(api_->port(), bytes));
  }

  PlayedNode node_;
  Entrance entrance_;
  std::unique_ptr<http::Server> api_;
  std::unique_ptr<http::Server> node_server_;
};

TEST_F(NodeTunnels, PassOnWhatANodeThatAgreesSays) {
  start_node("");
  node_.agrees = true;
  const std::string answer = talk(std::string(kExec) + "hello");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
  EXPECT_NE(answer.find("x-stream-protocol-version: v4.channel.k8s.io\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n<hello>")) << answer;
}

// CVE-2018-1002105: the connection to a node that had refused the upgrade stayed open, with the API
// server's identity, for whatever the client asked next.
TEST_F(NodeTunnels, EndWithTheNodesRefusalSoThatNothingCanBeAskedBehindIt) {
  start_node("");
  const std::string answer = talk(
      std::string(kExec) + "GET /containerLogs/kube-system/other/c HTTP/1.1\r\nHost: api\r\n\r\n");
  EXPECT_EQ(node_.asked, std::vector<std::string>{"/exec/default/p/c"});
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ")) << answer;
  EXPECT_NE(answer.find(R"x("message":"container not found (\"c\")")x"), std::string::npos)
      << answer;
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "a second answer: " << answer;
}

TEST_F(NodeTunnels, TakeACertificateOfTheNodesName) {
  start_node("n1");
  node_.agrees = true;
  EXPECT_TRUE(talk(std::string(kExec) + "hello").starts_with("HTTP/1.1 101 "));
}

// A node may write its own status.addresses; they must not lead the API server to another node.
TEST_F(NodeTunnels, RefuseAnotherNodesCertificateAtTheAddress) {
  start_node("n2");
  const auto answer = ask("GET", "/api/v1/namespaces/default/pods/p/log");
  EXPECT_GE(code, 500);
  EXPECT_NE(at(answer, "message").find("certificate"), std::string::npos) << at(answer, "message");
  EXPECT_TRUE(node_.asked.empty());
}

}  // namespace
}  // namespace skiff::apiserver
