// SPDX-License-Identifier: Apache-2.0
// Client and server together, over HTTP/2 and over HTTP/1.1.
#include <gmock/gmock.h>

#include "tests/unit/http/fixture.h"

namespace skiff::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// True: TLS and with it HTTP/2; false: plain HTTP/1.1.
class Exchanges : public HttpTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    HttpTest::SetUp();
    server_ = serve({.max_body_bytes = 16 << 20, .max_header_bytes = 32 << 10}, GetParam());
    client_ = client(server_->port(), GetParam());
  }

  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
};

INSTANTIATE_TEST_SUITE_P(Http, Exchanges, testing::Bool(),
                         [](const auto& info) { return info.param ? "H2" : "H1"; });

TEST_P(Exchanges, AnswerARequest) {
  run([&]() -> awaitable<void> {
    const auto response = co_await client_->fetch(get("/hello"));
    EXPECT_TRUE(response.ok()) << message(response.status());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers.get("content-type"), "text/plain");
    EXPECT_EQ(response->body_text(), "hello GET");
    const auto missing = co_await client_->fetch(get("/missing"));
    EXPECT_EQ(missing->status, 404);
    Request head = get("/hello");
    head.method = "HEAD";
    const auto headed = co_await client_->fetch(head);
    EXPECT_EQ(headed->headers.get("content-length"), "10");
    EXPECT_EQ(headed->body_text(), "");
  });
}

TEST_P(Exchanges, CarryBigBodiesBothWays) {
  run([&]() -> awaitable<void> {
    Request request = get("/echo");
    request.method = "POST";
    for (int i = 0; request.body.size() < 10 << 20; ++i) request.body += std::to_string(i);
    const auto response = co_await client_->fetch(request);
    EXPECT_TRUE(response.ok()) << message(response.status());
    EXPECT_TRUE(response->body_text() == request.body);
    const auto streamed = co_await client_->fetch(get("/stream?bytes=10000001"));
    EXPECT_EQ(streamed->body_text().size(), 10000001u);
  });
}

TEST_P(Exchanges, RefuseWhatIsTooLarge) {
  run([&]() -> awaitable<void> {
    Request body = get("/echo");
    body.method = "POST";
    body.body.assign(17 << 20, 'x');
    const auto too_long = co_await client_->fetch(body);
    EXPECT_TRUE(too_long.ok()) << message(too_long.status());
    if (too_long.ok()) EXPECT_EQ(too_long->status, 413);
    Request head = get("/hello");
    for (int i = 0; i < 30; ++i) head.headers.add(fmt::format("x-{}", i), std::string(1200, 'y'));
    const auto too_wide = co_await client_->fetch(head);
    EXPECT_TRUE(too_wide.ok()) << message(too_wide.status());
    if (too_wide.ok()) EXPECT_EQ(too_wide->status, 431);
    EXPECT_EQ((co_await client_->fetch(get("/hello")))->status, 200);
  });
}

TEST_P(Exchanges, StreamUntilTheReaderIsDestroyed) {
  run([&]() -> awaitable<void> {
    auto reader = co_await client_->stream(get("/watch"));
    EXPECT_TRUE(reader.ok()) << message(reader.status());
    std::string text;
    while (text.find("{\"event\":5}\n") == std::string::npos) {
      const auto piece = co_await (*reader)->read();
      EXPECT_TRUE(piece.ok());
      text += *piece;
    }
    EXPECT_THAT(text, StartsWith("{\"event\":0}\n{\"event\":1}\n"));
    reader->reset();
    co_await sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(routes_.cancels, 1);
    EXPECT_EQ(routes_.running, 0);
  });
}

TEST_P(Exchanges, HoldBackAWriterWhoseReaderIsSlowAndNobodyElse) {
  run([&]() -> awaitable<void> {
    auto slow = co_await client_->stream(get("/stream?bytes=100000000"));
    EXPECT_TRUE(slow.ok());
    co_await sleep_for(std::chrono::milliseconds(100));
    const uint64_t before = routes_.streamed;
    EXPECT_LT(before, 20'000'000u);  // queue, windows and socket buffers, not all of it
    for (int i = 0; i < 20; ++i) {
      const auto other = co_await client_->fetch(get("/big?bytes=2000000"));
      EXPECT_EQ(other->body_text().size(), 2000000u);
    }
    size_t read = 0;
    for (;;) {
      const auto piece = co_await (*slow)->read();
      EXPECT_TRUE(piece.ok());
      if (!piece.ok() || piece->empty()) break;
      read += piece->size();
    }
    EXPECT_EQ(read, 100'000'000u);
  });
}

TEST_P(Exchanges, RunSideBySide) {
  run([&]() -> awaitable<void> {
    constexpr int kCount = 200;
    int done = 0;
    Event one_done(loop_.get_executor());
    for (int i = 0; i < kCount; ++i) {
      spawn(loop_.get_executor(), "fetch",
            [](Client& client, int& count, Event& event) -> awaitable<void> {
              const auto response = co_await client.fetch(get("/stream?bytes=100000"));
              EXPECT_TRUE(response.ok()) << message(response.status());
              if (response.ok()) EXPECT_EQ(response->body_text().size(), 100000u);
              ++count;
              event.notify();
            }(*client_, done, one_done));
    }
    while (done < kCount) co_await one_done.wait();
  });
}

TEST_P(Exchanges, ComeBackAfterAServerRestart) {
  run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await client_->fetch(get("/hello")))->status, 200);
    auto reader = co_await client_->stream(get("/watch"));
    const uint16_t port = server_->port();
    server_->stop();
    Status broken;
    while (broken.ok()) broken = (co_await (*reader)->read()).status();
    EXPECT_EQ(broken.code(), StatusCode::kUnavailable) << message(broken);
    EXPECT_THAT(std::string(message(broken)), StartsWith(fmt::format("127.0.0.1:{}: ", port)));
    const auto refused = co_await client_->fetch(get("/hello"));
    EXPECT_EQ(message(refused.status()),
              fmt::format("dial 127.0.0.1:{}: connection refused", port));
    server_ = serve({.port = port}, GetParam());
    const auto again = co_await client_->fetch(get("/hello"));
    EXPECT_TRUE(again.ok()) << message(again.status());
  });
}

TEST_P(Exchanges, TimeOut) {
  run([&]() -> awaitable<void> {
    const auto impatient =
        Client::make(loop_.get_executor(), {.host = "127.0.0.1",
                                            .port = server_->port(),
                                            .tls = GetParam() ? client_tls() : nullptr,
                                            .request_timeout = std::chrono::milliseconds(100)});
    const auto response = co_await impatient->fetch(get("/wait"));
    EXPECT_EQ(response.status().code(), StatusCode::kDeadlineExceeded);
    EXPECT_THAT(std::string(message(response.status())), EndsWith("no answer within 0.1s"));
    co_await sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(routes_.cancels, 1);
  });
}

TEST_P(Exchanges, TunnelAnUpgrade) {
  run([&]() -> awaitable<void> {
    Request request = get("/upgrade");
    request.headers.add("connection", "Upgrade");
    request.headers.add("upgrade", "echo");
    const auto upgrade = co_await client_->upgrade(request);
    EXPECT_TRUE(upgrade.ok()) << message(upgrade.status());
    EXPECT_EQ(upgrade->answer.status, 101);
    EXPECT_EQ(upgrade->answer.headers.get("upgrade"), "echo");
    ByteStream& stream = *upgrade->stream;
    const std::string said = "through the tunnel";
    EXPECT_TRUE((co_await stream.write(asio::buffer(said))).ok());
    co_await stream.shutdown();
    std::string answer;
    std::string buffer(100, '\0');
    for (;;) {
      const auto got = co_await stream.read(asio::buffer(buffer));
      EXPECT_TRUE(got.ok());
      if (!got.ok() || *got == 0) break;
      answer.append(buffer, 0, *got);
    }
    EXPECT_EQ(answer, said);
  });
}

TEST_P(Exchanges, HandOutNoConnectionOfAServerThatRefusesTheUpgrade) {
  run([&]() -> awaitable<void> {
    Request request = get("/nothing");
    request.headers.add("connection", "Upgrade");
    request.headers.add("upgrade", "echo");
    const auto upgrade = co_await client_->upgrade(request);
    EXPECT_TRUE(upgrade.ok()) << message(upgrade.status());
    EXPECT_EQ(upgrade->answer.status, 404);
    EXPECT_EQ(upgrade->answer.body_text(), "no such route");
    EXPECT_EQ(upgrade->stream, nullptr);
  });
}

using Identity = HttpTest;

TEST_F(Identity, ComesFromTheClientCertificate) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    EXPECT_EQ((co_await client(server->port())->fetch(get("/who")))->body_text(),
              "system:node:n1/system:nodes,ops");
    const auto nobody =
        Client::make(loop_.get_executor(), {.host = "localhost",
                                            .port = server->port(),
                                            .tls = client_tls(Certificates::instance(), false)});
    const auto answer = co_await nobody->fetch(get("/who"));
    EXPECT_TRUE(answer.ok()) << message(answer.status());
    EXPECT_EQ(answer->body_text(), "/");
  });
}

TEST_F(Identity, OfAnotherAuthorityIsRefused) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    const auto stranger = Client::make(
        loop_.get_executor(),
        {.host = "127.0.0.1", .port = server->port(), .tls = client_tls(Certificates::foreign())});
    const auto answer = co_await stranger->fetch(get("/who"));
    EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable) << message(answer.status());
  });
}

TEST_F(Identity, OfTheServerIsChecked) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    ClientTlsOptions wrong_ca;
    wrong_ca.ca = Certificates::foreign().ca.certificate;
    auto answer =
        co_await Client::make(
            loop_.get_executor(),
            {.host = "127.0.0.1", .port = server->port(), .tls = ClientTls::make(wrong_ca).value()})
            ->fetch(get("/"));
    EXPECT_THAT(std::string(message(answer.status())), HasSubstr("certificate refused: "));
    ClientTlsOptions wrong_name;
    wrong_name.ca = Certificates::instance().ca.certificate;
    wrong_name.server_name = "elsewhere";
    answer =
        co_await Client::make(loop_.get_executor(), {.host = "127.0.0.1",
                                                     .port = server->port(),
                                                     .tls = ClientTls::make(wrong_name).value()})
            ->fetch(get("/"));
    EXPECT_THAT(std::string(message(answer.status())), HasSubstr("certificate refused: "));
    wrong_name.insecure_skip_verify = true;
    answer =
        co_await Client::make(loop_.get_executor(), {.host = "127.0.0.1",
                                                     .port = server->port(),
                                                     .tls = ClientTls::make(wrong_name).value()})
            ->fetch(get("/hello"));
    EXPECT_TRUE(answer.ok()) << message(answer.status());
  });
}

using Reload = HttpTest;

TEST_F(Reload, ShowsTheNewCertificateToNewConnections) {
  const Certificates& old = Certificates::instance();
  const auto tls = ServerTls::make({old.server.certificate, old.server.private_key, ""}).value();
  const auto server = Server::listen(loop_.get_executor(), {}, tls, routes_).value();
  run([&]() -> awaitable<void> {
    const auto before = client(server->port());
    EXPECT_TRUE((co_await before->fetch(get("/hello"))).ok());
    EXPECT_FALSE(tls->reload({"nonsense", "", ""}).ok());
    const Certificates& fresh = Certificates::foreign();
    EXPECT_TRUE(tls->reload({fresh.server.certificate, fresh.server.private_key, ""}).ok());
    EXPECT_TRUE((co_await before->fetch(get("/hello"))).ok());
    EXPECT_FALSE((co_await client(server->port())->fetch(get("/hello"))).ok());
  });
}

}  // namespace
}  // namespace skiff::http
