// SPDX-License-Identifier: Apache-2.0
#include "tests/echo/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::echo {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Ends kEnds = {.host = "web-1", .client = "10.0.0.7:4000", .server = "10.0.0.8:8080"};

TEST(EchoProtocol, IsToldByTheFirstBytes) {
  EXPECT_EQ(guess_protocol("GET / HTTP/1.1\r\n"), Protocol::kHttp);
  EXPECT_EQ(guess_protocol("GE"), Protocol::kUnknown);
  EXPECT_EQ(guess_protocol("hello\n"), Protocol::kLines);
}

TEST(EchoHttp, AnswersWithHostEndsAndRequest) {
  auto answer = answer_http("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", kEnds);
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(answer->bytes, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer->bytes,
              HasSubstr("host: web-1\nclient: 10.0.0.7:4000\nserver: 10.0.0.8:8080\n"));
  EXPECT_THAT(answer->bytes, HasSubstr("GET /x HTTP/1.1"));
  EXPECT_FALSE(answer->close);
}

TEST(EchoHttp, HealthIsOk) {
  auto answer = answer_http("GET /health HTTP/1.1\r\n\r\n", kEnds);
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(answer->bytes, HasSubstr("\r\n\r\nok\n"));
}

TEST(EchoHttp, WaitsForTheWholeBody) {
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
  EXPECT_FALSE(answer_http(request.substr(0, request.size() - 1), kEnds).has_value());
  auto answer = answer_http(request + "GET /", kEnds);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->consumed, request.size());
}

TEST(EchoHttp, ClosesWhenAskedToOrWhenTheClientIsOld) {
  EXPECT_TRUE(answer_http("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", kEnds)->close);
  EXPECT_TRUE(answer_http("GET / HTTP/1.0\r\n\r\n", kEnds)->close);
  EXPECT_FALSE(answer_http("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", kEnds)->close);
}

TEST(EchoHttp, RefusesALengthThatIsNoNumber) {
  auto answer = answer_http("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", kEnds);
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(answer->bytes, StartsWith("HTTP/1.1 400"));
}

TEST(EchoText, NamesHostAndClient) {
  EXPECT_EQ(answer_text("hello", kEnds), "web-1 10.0.0.7:4000 hello");
}

}  // namespace
}  // namespace skiff::echo
