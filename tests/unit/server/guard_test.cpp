// SPDX-License-Identifier: Apache-2.0
// Who is let in, on a cluster of ours and on others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/server/certificate_guard.h"
#include "agent/server/token_guard.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/kube/fake_transport.h"
#include "tests/unit/server/answer.h"

namespace skiff::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kKnown =
    R"({"status":{"authenticated":true,"audiences":["skiff-agent"],"user":{"username":"ann","groups":["team"]}}})";
constexpr const char* kUnknown = R"({"status":{"error":"token has expired"}})";
constexpr const char* kMay = R"({"status":{"allowed":true}})";
constexpr const char* kMayNot = R"({"status":{"allowed":false,"reason":"no rule says so"}})";

class Open final : public http::Handler {
 public:
  awaitable<void> serve(http::Request, http::ResponseWriter& writer) override {
    (void)co_await writer.respond(http::Response::text(200, "in"));
  }
};

class Guard : public testing::Test {
 protected:
  Answer ask(http::Handler& guard, http::Request request) {
    Answer answer;
    spawn(io_.get_executor(), "ask", guard.serve(std::move(request), answer));
    io_.restart();
    io_.run_for(5s);
    return answer;
  }
  Answer show(const std::string& token, const std::string& path = "/observe/flows") {
    http::Request request;
    request.path = path;
    if (!token.empty()) request.headers.set("authorization", "Bearer " + token);
    return ask(guard_, std::move(request));
  }
  void answers(std::initializer_list<const char*> bodies) {
    transport_->answers.clear();
    transport_->asked.clear();
    for (const char* body : bodies) transport_->answers.emplace_back(201, body);
  }
  const std::vector<std::string>& asked() const { return transport_->asked; }

  asio::io_context io_;
  FakeClock clock_;
  Open open_;
  std::shared_ptr<kube::FakeTransport> transport_ =
      std::make_shared<kube::FakeTransport>(io_.get_executor());
  kube::Client client_{transport_};
  TokenGuard guard_{client_, "n1", open_, clock_};
};

TEST_F(Guard, OnAClusterOfOursOnlyMastersAreLetIn) {
  CertificateGuard guard(open_);
  http::Request request;
  EXPECT_EQ(ask(guard, request).status, 401);
  request.peer.common_name = "system:node:n2";
  request.peer.organizations = {"system:nodes"};
  const Answer forbidden = ask(guard, request);
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_EQ(forbidden.body, "Forbidden: system:node:n2 is not in system:masters\n");
  request.peer.organizations = {"system:masters"};
  EXPECT_EQ(ask(guard, request).status, 200);
}

TEST_F(Guard, ATokenOfSomebodyWhoMayIsLetIn) {
  answers({kKnown, kMay});
  EXPECT_EQ(show("t").status, 200);
  ASSERT_THAT(asked(), SizeIs(2));
  EXPECT_THAT(asked()[0], HasSubstr(R"("token":"t","audiences":["skiff-agent"])"));
  EXPECT_THAT(asked()[1], HasSubstr(R"("resource":"nodes","subresource":"observe","name":"n1")"));
  EXPECT_THAT(asked()[1], HasSubstr(R"("user":"ann","groups":["team"])"));
}

TEST_F(Guard, WhatPassesThroughAnApiServerIsInAHeaderOfItsOwn) {
  answers({kKnown, kMay});
  http::Request request;
  request.path = "/why";
  request.headers.set(kTokenHeader, "t");
  EXPECT_EQ(ask(guard_, request).status, 200);
}

TEST_F(Guard, SaysWhatIsMissing) {
  const struct {
    const char* token;
    std::initializer_list<const char*> answers;
    int status;
    const char* says;
  } cases[] = {
      {"", {kMay}, 401, "show a token for the audience skiff-agent"},
      {"old", {kUnknown}, 401, "token has expired"},
      // An API server that knows no audiences.
      {"any", {R"({"status":{"authenticated":true,"user":{"username":"ann"}}})"}, 401, "audience"},
      {"mine", {kKnown, kMayNot}, 403, "ann may not get nodes/observe of n1: no rule says so"},
  };
  for (const auto& c : cases) {
    answers(c.answers);
    const Answer answer = show(c.token);
    EXPECT_EQ(answer.status, c.status) << c.token;
    EXPECT_THAT(answer.body, HasSubstr(c.says)) << c.token;
  }
}

TEST_F(Guard, AKubeletMayAskWhetherTheAgentLives) {
  answers({kMayNot});
  EXPECT_EQ(show("", "/livez").status, 200);
  EXPECT_EQ(show("", "/livez/x").status, 401);
  EXPECT_TRUE(asked().empty());
}

TEST_F(Guard, PacketsAndMetricsAreRightsOfTheirOwn) {
  const std::pair<const char*, const char*> cases[] = {
      {"/observe/flows", "observe"}, {"/observe/drops", "observe"}, {"/services", "observe"},
      {"/why", "observe"},           {"/taps", "capture"},          {"/metrics", "metrics"}};
  for (const auto& [path, right] : cases) EXPECT_EQ(right_for(path), right) << path;
  answers({kKnown, kMay, kKnown, kMayNot});
  EXPECT_EQ(show("t").status, 200);
  EXPECT_EQ(show("t", "/taps").status, 403);
}

TEST_F(Guard, AsksOnceAMinute) {
  answers({kKnown, kMay});
  show("t");
  clock_.advance(59s);
  show("t");
  EXPECT_THAT(asked(), SizeIs(2));
  clock_.advance(2s);
  answers({kKnown, kMayNot});
  EXPECT_EQ(show("t").status, 403) << "the right was taken away";
  EXPECT_EQ(show("t").status, 403);
  EXPECT_THAT(asked(), SizeIs(2)) << "a refusal is remembered too, for a while";
}

TEST_F(Guard, AnApiServerThatCannotBeAskedIsNoAnswer) {
  transport_->answers = {{403, R"({"message":"tokenreviews is forbidden"})"}};
  const Answer answer = show("t");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("tokenreviews is forbidden"));
  answers({kKnown, kMay});
  EXPECT_EQ(show("t").status, 200);
}

}  // namespace
}  // namespace skiff::server
