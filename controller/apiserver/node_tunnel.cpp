// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/node_tunnel.h"

namespace skiff::apiserver {
namespace {

// Keeps the client alive as long as its stream.
class OwningReader final : public http::BodyReader {
 public:
  OwningReader(std::unique_ptr<http::Client> client, std::unique_ptr<http::BodyReader> reader)
      : client_(std::move(client)), reader_(std::move(reader)) {}
  int status() const override { return reader_->status(); }
  const http::Headers& headers() const override { return reader_->headers(); }
  awaitable<Result<std::string>> read() override { return reader_->read(); }

 private:
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<http::BodyReader> reader_;
};

class HttpsNodeTunnel final : public NodeTunnel {
 public:
  HttpsNodeTunnel(const Executor& executor, std::shared_ptr<http::ClientTls> tls)
      : executor_(executor), tls_(std::move(tls)) {}

  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(NodeAddress node,
                                                              http::Request request) override {
    auto client = connect(node);
    CO_ASSIGN_OR_RETURN(auto reader, co_await client->stream(std::move(request)), "node {}",
                        node.name);
    co_return std::make_unique<OwningReader>(std::move(client), std::move(reader));
  }

  awaitable<Result<http::Upgrade>> upgrade(NodeAddress node, http::Request request) override {
    const auto client = connect(node);
    CO_ASSIGN_OR_RETURN(auto answer, co_await client->upgrade(std::move(request)), "node {}",
                        node.name);
    co_return answer;
  }

  awaitable<Result<std::unique_ptr<http::ByteStream>>> dial(NodeAddress node, std::string ip,
                                                            uint16_t port) override {
    const bool v6 = ip.find(':') != std::string::npos;
    http::Request request{.method = "CONNECT"};
    request.raw_target = v6 ? fmt::format("[{}]:{}", ip, port) : fmt::format("{}:{}", ip, port);
    CO_ASSIGN_OR_RETURN(http::Upgrade connected, co_await upgrade(node, std::move(request)));
    if (connected.stream == nullptr)
      co_return unavailable("node {}: connect to {}:{}: {} {}", node.name, ip, port,
                            connected.answer.status, connected.answer.body_text());
    co_return std::move(connected.stream);
  }

 private:
  std::unique_ptr<http::Client> connect(const NodeAddress& node) const {
    return http::Client::make(
        executor_, {.host = node.host, .port = node.port, .tls = tls_, .server_name = node.name});
  }

  Executor executor_;
  std::shared_ptr<http::ClientTls> tls_;
};

}  // namespace

std::unique_ptr<NodeTunnel> https_node_tunnel(const Executor& executor,
                                              std::shared_ptr<http::ClientTls> tls) {
  return std::make_unique<HttpsNodeTunnel>(executor, std::move(tls));
}

}  // namespace skiff::apiserver
