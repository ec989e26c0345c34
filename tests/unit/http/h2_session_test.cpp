// SPDX-License-Identifier: Apache-2.0
// HTTP/2 beyond requests and answers: bad peers, silent peers, a closing server.
#include <gmock/gmock.h>

#include "base/http/dial.h"
#include "base/http/h2_client.h"
#include "tests/unit/http/fixture.h"

namespace skiff::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class H2 : public HttpTest {
 protected:
  awaitable<std::shared_ptr<Wire>> dial_h2(uint16_t port) {
    auto wire =
        co_await dial({.host = "127.0.0.1", .port = port, .tls = client_tls(), .offer_h2 = true});
    EXPECT_TRUE(wire.ok()) << message(wire.status());
    EXPECT_EQ((*wire)->protocol(), "h2");
    co_return *wire;
  }
  awaitable<std::shared_ptr<H2ClientSession>> connect_h2(uint16_t port) {
    auto session = std::make_shared<H2ClientSession>(loop_.get_executor(), co_await dial_h2(port),
                                                     std::chrono::seconds(15));
    session->connect();
    co_return session;
  }
};

TEST_F(H2, GarbageAfterTheHandshakeClosesTheConnection) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    const auto wire = co_await dial_h2(server->port());
    const std::string garbage(1000, '\x7f');
    EXPECT_TRUE((co_await wire->write(asio::buffer(garbage))).ok());
    std::string buffer(4096, '\0');
    for (;;) {
      const auto got = co_await wire->read(asio::buffer(buffer));
      if (!got.ok() || *got == 0) break;
    }
    EXPECT_TRUE((co_await client(server->port())->fetch(get("/hello"))).ok());
  });
}

TEST_F(H2, RapidResetsEndTheConnection) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    const auto session = co_await connect_h2(server->port());
    int opened = 0;
    while (opened < 5000 && session->is_usable()) {
      std::vector<std::shared_ptr<Exchange>> batch;
      for (int i = 0; i < 100; ++i, ++opened) batch.push_back(session->open(get("/wait"), "x"));
      co_await sleep_for(std::chrono::milliseconds(2));  // let them leave
      for (const auto& exchange : batch) exchange->cancel(cancelled("reset"));
    }
    EXPECT_GE(opened, 900);
    EXPECT_LT(opened, 2000);
    co_await sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(routes_.running, 0);
    EXPECT_TRUE((co_await client(server->port())->fetch(get("/hello"))).ok());
  });
}

TEST_F(H2, WaitsForAPlaceWhenTheServerHasEnoughStreams) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    const auto session = co_await connect_h2(server->port());
    std::vector<std::shared_ptr<Exchange>> waiting;
    co_await sleep_for(std::chrono::milliseconds(20));
    for (int i = 0; i < 250; ++i) waiting.push_back(session->open(get("/wait"), "x"));
    const auto last = session->open(get("/hello"), "x");
    co_await sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(routes_.running, 250);
    waiting.front()->cancel(cancelled("enough"));
    EXPECT_TRUE((co_await last->head()).ok());
    EXPECT_EQ(last->status(), 200);
    session->close(cancelled("test over"));
    co_await sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(routes_.running, 0);
    EXPECT_EQ(routes_.cancels, 250);
  });
}

TEST_F(H2, AnIdleConnectionIsToldToGo) {
  const auto server = serve({.idle_timeout = std::chrono::milliseconds(100)});
  run([&]() -> awaitable<void> {
    const auto session = co_await connect_h2(server->port());
    const auto exchange = session->open(get("/hello"), "x");
    EXPECT_TRUE((co_await exchange->head()).ok());
    for (int i = 0; session->is_usable() && i < 1000; ++i)
      co_await sleep_for(std::chrono::milliseconds(10));
    EXPECT_FALSE(session->is_usable());
  });
}

TEST_F(H2, ASilentServerIsGivenUp) {
  asio::ip::tcp::acceptor acceptor(loop_, {asio::ip::address_v4::loopback(), 0});
  const Certificates& certificates = Certificates::instance();
  const auto tls =
      ServerTls::make({certificates.server.certificate, certificates.server.private_key, ""})
          .value();
  std::shared_ptr<Wire> silent;
  spawn(loop_.get_executor(), "silent server",
        [](auto& from, auto& settings, auto& wire) -> awaitable<void> {
          auto socket = co_await from.async_accept(asio::use_awaitable);
          Wire::SslPtr ssl(SSL_new(settings.context()));
          SSL_set_accept_state(ssl.get());
          wire = std::make_shared<Wire>(Wire::Socket(std::move(socket)), std::move(ssl));
          EXPECT_TRUE((co_await wire->handshake()).ok());
          EXPECT_EQ(wire->protocol(), "h2");
        }(acceptor, *tls, silent));
  run([&]() -> awaitable<void> {
    const auto impatient =
        Client::make(loop_.get_executor(), {.host = "127.0.0.1",
                                            .port = acceptor.local_endpoint().port(),
                                            .tls = client_tls(),
                                            .ping_interval = std::chrono::milliseconds(100)});
    const auto answer = co_await impatient->fetch(get("/hello"));
    EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(std::string(message(answer.status())), EndsWith("no sign of life from the server"));
  });
}

TEST_F(H2, ReadersOutliveTheirClientWithAnError) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    auto own = client(server->port());
    auto reader = co_await own->stream(get("/watch"));
    EXPECT_TRUE(reader.ok());
    own.reset();
    Status status;
    while (status.ok()) status = (co_await (*reader)->read()).status();
    EXPECT_THAT(std::string(message(status)), EndsWith("client closed"));
  });
}

TEST_F(H2, ConnectErrorsNameTheAddressAndTheCause) {
  run([&]() -> awaitable<void> {
    const auto refused = co_await connect("127.0.0.1", 1, nullptr, std::chrono::seconds(1));
    EXPECT_EQ(message(refused.status()), "dial 127.0.0.1:1: connection refused");
    const auto unix_path =
        co_await connect("unix:/nonexistent/socket", 0, nullptr, std::chrono::seconds(1));
    EXPECT_EQ(message(unix_path.status()),
              "dial unix:/nonexistent/socket: no such file or directory");
    const auto unknown =
        co_await connect("no-such-host.invalid", 80, nullptr, std::chrono::seconds(5));
    EXPECT_THAT(std::string(message(unknown.status())),
                HasSubstr("dial no-such-host.invalid:80: "));
  });
}

}  // namespace
}  // namespace skiff::http
