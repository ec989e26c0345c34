// SPDX-License-Identifier: Apache-2.0
// The HTTP/1.1 server as raw bytes see it.
#include <gmock/gmock.h>

#include "tests/unit/http/fixture.h"

namespace skiff::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using H1Server = HttpTest;

TEST_F(H1Server, AnswersPipelinedRequestsInOrder) {
  const auto server = serve({}, false);
  run([&]() -> awaitable<void> {
    const std::string answer = co_await raw(server->port(),
                                            "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                                            "PUT /hello HTTP/1.1\r\nHost: x\r\n"
                                            "Content-Length: 2\r\nConnection: close\r\n\r\nab");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("hello GETHTTP/1.1 200"));
    EXPECT_THAT(answer, EndsWith("hello PUT"));
  });
}

TEST_F(H1Server, HeadHasTheLengthButNoBody) {
  const auto server = serve({}, false);
  run([&]() -> awaitable<void> {
    const std::string answer = co_await raw(
        server->port(), "HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("content-length: 10\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  });
}

TEST_F(H1Server, ReadsChunkedBodiesAfterSaying100Continue) {
  const auto server = serve({}, false);
  run([&]() -> awaitable<void> {
    const std::string answer = co_await raw(
        server->port(),
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nExpect: 100-continue\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"));
    EXPECT_THAT(answer, HasSubstr("content-type: a/b"));
    EXPECT_THAT(answer, EndsWith("abcde"));
  });
}

TEST_F(H1Server, RefusesWhatIsTooLargeOrMalformed) {
  const auto server = serve({.max_body_bytes = 10, .max_header_bytes = 1000}, false);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nabcdefghijk", "413"},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
       "b\r\nabcdefghijk\r\n0\r\n\r\n",
       "413"},
      {"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(2000, 'x') + "\r\n\r\n", "431"},
      {"GET / HTTP/1.1\r\nHost x\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), "400"},
  };
  for (const auto& [text, status] : cases) {
    run([&]() -> awaitable<void> {
      const std::string answer = co_await raw(server->port(), text);
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status + " ")) << text.substr(0, 60);
    });
  }
}

TEST_F(H1Server, GivesUpOnASlowHead) {
  const auto server = serve({.header_timeout = std::chrono::milliseconds(100)}, false);
  run([&]() -> awaitable<void> { EXPECT_EQ(co_await raw(server->port(), "GET / HT"), ""); });
}

TEST_F(H1Server, ClosesOnGarbageInsteadOfTls) {
  const auto server = serve();
  run([&]() -> awaitable<void> {
    EXPECT_THAT((co_await raw(server->port(), std::string(300, '\xab'))).size(), testing::Lt(20u));
    EXPECT_THAT((co_await raw(server->port(), "GET / HTTP/1.1\r\n\r\n")).size(), testing::Lt(20u));
  });
}

TEST_F(H1Server, StreamsInChunksAndNoticesThatTheClientIsGone) {
  const auto server = serve({}, false);
  run([&]() -> awaitable<void> {
    asio::ip::tcp::socket socket(loop_);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), server->port()},
                                  asio::use_awaitable);
    const std::string request = "GET /watch HTTP/1.1\r\nHost: x\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    std::string answer;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "{\"event\":5}\n\r\n",
                                    asio::use_awaitable);
    EXPECT_THAT(answer, HasSubstr("transfer-encoding: chunked\r\n\r\nc\r\n{\"event\":0}\n\r\n"));
  });
  run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(routes_.cancels, 1);
  EXPECT_EQ(routes_.running, 0);
}

TEST_F(H1Server, OldClientsGetStreamsWithoutChunks) {
  const auto server = serve({}, false);
  run([&]() -> awaitable<void> {
    const std::string answer =
        co_await raw(server->port(), "GET /stream?bytes=70000 HTTP/1.0\r\n\r\n");
    EXPECT_THAT(answer, EndsWith("\r\n\r\n" + std::string(70000, 's')));
  });
}

TEST_F(H1Server, HandsTheConnectionOverOnUpgrade) {
  const auto server = serve({}, false);
  run([&]() -> awaitable<void> {
    asio::ip::tcp::socket socket(loop_);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), server->port()},
                                  asio::use_awaitable);
    const std::string request =
        "GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst ";
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(std::string("last")), asio::use_awaitable);
    socket.shutdown(asio::socket_base::shutdown_send);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::as_tuple(asio::use_awaitable));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nfirst last"));
  });
}

TEST_F(H1Server, TurnsConnectionsAwayBeyondTheLimit) {
  const auto server = serve({.max_connections = 1}, false);
  run([&]() -> awaitable<void> {
    asio::ip::tcp::socket first(loop_);
    co_await first.async_connect({asio::ip::address_v4::loopback(), server->port()},
                                 asio::use_awaitable);
    co_await sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(co_await raw(server->port(), "GET /hello HTTP/1.0\r\n\r\n"), "");
    first.close();
    co_await sleep_for(std::chrono::milliseconds(20));
    EXPECT_THAT(co_await raw(server->port(), "GET /hello HTTP/1.0\r\n\r\n"), EndsWith("hello GET"));
  });
}

}  // namespace
}  // namespace skiff::http
