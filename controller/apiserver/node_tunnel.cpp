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

class OwningStream final : public http::ByteStream {
 public:
  OwningStream(std::unique_ptr<http::Client> client, std::unique_ptr<http::ByteStream> stream)
      : client_(std::move(client)), stream_(std::move(stream)) {}
  awaitable<Result<size_t>> read(asio::mutable_buffer into) override { return stream_->read(into); }
  awaitable<Status> write(asio::const_buffer bytes) override { return stream_->write(bytes); }
  awaitable<void> shutdown() override { return stream_->shutdown(); }
  void close() override { stream_->close(); }

 private:
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<http::ByteStream> stream_;
};

class HttpsNodeTunnel final : public NodeTunnel {
 public:
  HttpsNodeTunnel(const Executor& executor, std::shared_ptr<http::ClientTls> tls)
      : executor_(executor), tls_(std::move(tls)) {}

  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(NodeAddress node,
                                                              http::Request request) override {
    auto client = connect(node);
    CO_ASSIGN_OR_RETURN(auto reader, co_await client->stream(std::move(request)), "node {}",
                        node.host);
    co_return std::make_unique<OwningReader>(std::move(client), std::move(reader));
  }

  awaitable<Result<std::unique_ptr<http::ByteStream>>> tunnel(NodeAddress node,
                                                              http::Request request) override {
    auto client = connect(node);
    CO_ASSIGN_OR_RETURN(auto stream, co_await client->tunnel(std::move(request)), "node {}",
                        node.host);
    co_return std::make_unique<OwningStream>(std::move(client), std::move(stream));
  }

 private:
  std::unique_ptr<http::Client> connect(const NodeAddress& node) const {
    return http::Client::make(executor_, {.host = node.host, .port = node.port, .tls = tls_});
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
