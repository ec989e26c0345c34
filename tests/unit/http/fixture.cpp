// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/http/fixture.h"

namespace skiff::http {
namespace {

Certificates make_certificates() {
  const TimePoint now = std::chrono::system_clock::now();
  Certificates made;
  made.ca = pki::make_ca("test-ca", now).value();
  made.server = pki::make_leaf(made.ca,
                               {.subject = {"server", {}},
                                .dns_names = {"localhost"},
                                .addresses = {"127.0.0.1", "::1"},
                                .server = true},
                               now)
                    .value();
  made.client =
      pki::make_leaf(made.ca,
                     {.subject = {"system:node:n1", {"system:nodes", "ops"}}, .client = true}, now)
          .value();
  return made;
}

awaitable<void> serve_stream(size_t bytes, ResponseWriter& writer, uint64_t& streamed) {
  Status status = co_await writer.start(200, {});
  const auto piece = shared(std::string(64 * 1024, 's'));
  for (size_t left = bytes; status.ok() && left > 0;) {
    const size_t size = std::min(left, piece->size());
    status = co_await writer.write(size == piece->size() ? piece : shared(piece->substr(0, size)));
    if (status.ok()) streamed += size;
    left -= size;
  }
}

awaitable<void> serve_watch(ResponseWriter& writer, int& cancels) {
  writer.on_cancel([&cancels] { ++cancels; });
  Status status = co_await writer.start(200, {});
  for (int i = 0; status.ok() && !writer.cancelled(); ++i) {
    status = co_await writer.write(shared(fmt::format("{{\"event\":{}}}\n", i)));
    co_await sleep_for(std::chrono::milliseconds(1));
  }
}

awaitable<void> serve_wait(ResponseWriter& writer, int& cancels) {
  Event gone(co_await asio::this_coro::executor);
  writer.on_cancel([&] {
    ++cancels;
    gone.notify();
  });
  while (!writer.cancelled()) co_await gone.wait();
}

awaitable<void> serve_upgrade(ResponseWriter& writer) {
  Headers headers;
  headers.add("upgrade", "echo");
  auto stream = co_await writer.upgrade(std::move(headers));
  if (!stream.ok()) co_return;
  std::string buffer(4096, '\0');
  for (;;) {
    const auto got = co_await (*stream)->read(asio::buffer(buffer));
    if (!got.ok() || *got == 0) break;
    if (!(co_await (*stream)->write(asio::buffer(buffer.data(), *got))).ok()) break;
  }
  co_await (*stream)->shutdown();
}

Response route(Request& request) {
  if (request.path == "/hello") return Response::text(200, "hello " + request.method);
  if (request.path == "/echo") {
    return Response::text(200, std::move(request.body),
                          std::string(request.headers.get("content-type")));
  }
  if (request.path == "/big") {
    return Response::text(200,
                          std::string(std::stoul(std::string(request.query.get("bytes"))), 'b'));
  }
  if (request.path == "/who") {
    return Response::text(200, fmt::format("{}/{}", request.peer.common_name,
                                           fmt::join(request.peer.organizations, ",")));
  }
  return Response::text(404, "no such route");
}

}  // namespace

const Certificates& Certificates::instance() {
  static const Certificates made = make_certificates();
  return made;
}

const Certificates& Certificates::foreign() {
  static const Certificates made = make_certificates();
  return made;
}

awaitable<void> TestRoutes::serve(Request request, ResponseWriter& writer) {
  ++running;
  if (request.path == "/stream") {
    co_await serve_stream(std::stoul(std::string(request.query.get("bytes"))), writer, streamed);
  } else if (request.path == "/watch") {
    co_await serve_watch(writer, cancels);
  } else if (request.path == "/wait") {
    co_await serve_wait(writer, cancels);
  } else if (request.path == "/upgrade") {
    co_await serve_upgrade(writer);
  } else {
    std::ignore = co_await writer.respond(route(request));
  }
  --running;
}

void HttpTest::SetUp() {
  Certificates::instance();
}

void HttpTest::TearDown() {
  run_for(std::chrono::milliseconds(20));
}

void HttpTest::run(std::function<awaitable<void>()> task) {
  bool done = false;
  asio::co_spawn(loop_, task, [&](const std::exception_ptr& failure) {
    EXPECT_EQ(failure, nullptr);
    done = true;
    loop_.stop();
  });
  loop_.restart();
  loop_.run_for(std::chrono::seconds(30));
  ASSERT_TRUE(done) << "the test's task hangs";
}

void HttpTest::run_for(std::chrono::milliseconds duration) {
  loop_.restart();
  loop_.run_for(duration);
}

std::unique_ptr<Server> HttpTest::serve(ServerOptions options, bool tls) {
  const Certificates& certificates = Certificates::instance();
  std::shared_ptr<ServerTls> settings;
  if (tls) {
    settings = ServerTls::make({certificates.server.certificate, certificates.server.private_key,
                                certificates.ca.certificate})
                   .value();
  }
  return Server::listen(loop_.get_executor(), std::move(options), std::move(settings), routes_)
      .value();
}

std::shared_ptr<ClientTls> HttpTest::client_tls(const Certificates& certificates,
                                                bool with_certificate) {
  ClientTlsOptions options;
  options.ca = Certificates::instance().ca.certificate;
  if (with_certificate) {
    options.certificate_chain = certificates.client.certificate;
    options.private_key = certificates.client.private_key;
  }
  return ClientTls::make(options).value();
}

std::unique_ptr<Client> HttpTest::client(uint16_t port, bool tls) {
  return Client::make(loop_.get_executor(),
                      {.host = "127.0.0.1", .port = port, .tls = tls ? client_tls() : nullptr});
}

awaitable<std::string> HttpTest::raw(uint16_t port, std::string text) {
  asio::ip::tcp::socket socket(loop_);
  co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
  std::string answer;
  co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                            asio::as_tuple(asio::use_awaitable));
  co_return answer;
}

Request get(std::string target) {
  Request request;
  request.raw_target = std::move(target);
  return request;
}

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace skiff::http
