// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/health_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace skiff::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const kube::ObjectKey kWeb{"shop", "web"};

TEST(HealthAnswer, IsWordedAsKubeProxyWordsIt) {
  const http::Response answer = health_answer(kWeb, 2, true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body_text(),
            "{\n\t\"service\": {\n\t\t\"namespace\": \"shop\",\n\t\t\"name\": \"web\"\n\t},\n"
            "\t\"localEndpoints\": 2,\n\t\"serviceProxyHealthy\": true\n}");
  EXPECT_EQ(answer.headers.get("x-load-balancing-endpoint-weight"), "2");
  EXPECT_EQ(answer.headers.get("x-content-type-options"), "nosniff");
}

TEST(HealthAnswer, IsUnhealthyWithoutEndpointsOrProxy) {
  EXPECT_EQ(health_answer(kWeb, 0, true).status, 503);
  EXPECT_EQ(health_answer(kWeb, 2, false).status, 503);
}

class HealthChecksTest : public ::testing::Test {
 protected:
  // One that was free a moment ago.
  static uint16_t free_port() {
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
  }
  awaitable<std::string> ask(uint16_t port) {
    asio::ip::tcp::socket socket(loop_);
    boost::system::error_code error;
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port},
                                  asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error.message();
    const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::redirect_error(asio::use_awaitable, error));
    co_return answer;
  }
  std::string answer_of(uint16_t port) {
    std::string answer;
    bool done = false;
    const auto asking = [&]() -> awaitable<void> {
      answer = co_await ask(port);
      done = true;
    };
    spawn(loop_.get_executor(), "ask", asking());
    loop_.restart();
    while (!done && loop_.run_one_for(std::chrono::seconds(10)) > 0) continue;
    return answer;
  }

  asio::io_context loop_;
  bool healthy_ = true;
  HealthChecks checks_{loop_.get_executor(), "127.0.0.1", [this] { return healthy_; }};
};

TEST_F(HealthChecksTest, TellWhetherThisNodeHasEndpoints) {
  const uint16_t port = free_port();
  ASSERT_TRUE(checks_.set(kWeb, port, 1).ok());
  EXPECT_THAT(answer_of(port), StartsWith("HTTP/1.1 200"));
  ASSERT_TRUE(checks_.set(kWeb, port, 0).ok());
  EXPECT_THAT(answer_of(port), StartsWith("HTTP/1.1 503"));
  ASSERT_TRUE(checks_.set(kWeb, port, 3).ok());
  healthy_ = false;
  EXPECT_THAT(answer_of(port), HasSubstr("\"serviceProxyHealthy\": false"));
}

TEST_F(HealthChecksTest, MoveWithTheirPortAndEndWithoutOne) {
  const uint16_t first = free_port();
  ASSERT_TRUE(checks_.set(kWeb, first, 1).ok());
  const uint16_t second = free_port();
  ASSERT_TRUE(checks_.set(kWeb, second, 1).ok());
  EXPECT_THAT(answer_of(first), HasSubstr("refused"));
  EXPECT_THAT(answer_of(second), StartsWith("HTTP/1.1 200"));
  ASSERT_TRUE(checks_.set(kWeb, 0, 0).ok());
  EXPECT_THAT(answer_of(second), HasSubstr("refused"));
}

TEST_F(HealthChecksTest, APortThatIsTakenIsAnErrorThatNamesIt) {
  asio::ip::tcp::acceptor taken(loop_, {asio::ip::address_v4::loopback(), 0});
  const uint16_t port = taken.local_endpoint().port();
  const Status refused = checks_.set(kWeb, port, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(message(refused)),
              HasSubstr(fmt::format("healthCheckNodePort {}", port)));
}

}  // namespace
}  // namespace skiff::proxy
