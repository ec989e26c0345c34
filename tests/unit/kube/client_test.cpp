// SPDX-License-Identifier: Apache-2.0
#include "kube/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/apps/deployment.h"
#include "api/core/config.h"
#include "api/core/node.h"
#include "kube/events.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/run_on.h"
#include "tests/unit/kube/fake_transport.h"

namespace skiff::kube {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

TEST(ResourcePath, NamesGroupNamespaceAndSubresource) {
  EXPECT_EQ(resource_path(api::kind_of<api::Pod>(), "shop", "web", "status"),
            "/api/v1/namespaces/shop/pods/web/status");
  EXPECT_EQ(resource_path(api::kind_of<api::Pod>(), ""), "/api/v1/pods");
  EXPECT_EQ(resource_path(api::kind_of<api::Deployment>(), "shop"),
            "/apis/apps/v1/namespaces/shop/deployments");
  EXPECT_EQ(resource_path(api::kind_of<api::Node>(), "ignored", "n1"), "/api/v1/nodes/n1");
}

TEST(StatusOf, MapsTheServersErrors) {
  struct {
    int http;
    const char* body;
    StatusCode code;
    const char* message;
  } cases[] = {
      {400, R"({"message":"bad"})", StatusCode::kInvalidArgument, "bad"},
      {401, R"({"message":"who"})", StatusCode::kUnauthenticated, "who"},
      {403, R"({"message":"no"})", StatusCode::kPermissionDenied, "no"},
      {404, R"({"message":"pods \"a\" not found"})", StatusCode::kNotFound, "pods \"a\" not found"},
      {409, R"({"reason":"AlreadyExists","message":"x"})", StatusCode::kAlreadyExists, "x"},
      {409, R"({"reason":"Conflict","message":"x"})", StatusCode::kAborted, "x"},
      {410, R"({"reason":"Expired","message":"x"})", StatusCode::kOutOfRange, "x"},
      {422, R"({"message":"x"})", StatusCode::kInvalidArgument, "x"},
      {429, "slow down", StatusCode::kResourceExhausted, "HTTP 429: slow down"},
      {500, "{}", StatusCode::kInternal, "HTTP 500"},
      {503, "", StatusCode::kUnavailable, "HTTP 503"},
      {504, "", StatusCode::kDeadlineExceeded, "HTTP 504"},
  };
  for (const auto& c : cases) {
    const Status status = status_of(c.http, c.body);
    EXPECT_EQ(status.code(), c.code) << c.http;
    EXPECT_EQ(message(status), c.message) << c.http;
  }
  EXPECT_TRUE(status_of(200, "").ok());
}

class ClientTest : public testing::Test {
 protected:
  template <class T>
  T run(awaitable<T> task) {
    return run_on(io_, std::move(task));
  }

  asio::io_context io_;
  std::shared_ptr<FakeTransport> transport_ = std::make_shared<FakeTransport>(io_.get_executor());
  Client client_{transport_};
};

TEST_F(ClientTest, ListsItems) {
  transport_->answers = {
      {200, R"({"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})"}};
  const auto maps = run(client_.list<api::ConfigMap>("shop", {.label_selector = "app in (a,b)"}));
  ASSERT_TRUE(maps.ok());
  ASSERT_THAT(*maps, SizeIs(2));
  EXPECT_EQ(maps->at(1).metadata.name, "b");
  EXPECT_THAT(transport_->asked.at(0),
              StartsWith("GET /api/v1/namespaces/shop/configmaps?labelSelector=app"));
}

TEST_F(ClientTest, DeletesWithItsOptions) {
  transport_->answers = {{200, "{}"}};
  EXPECT_TRUE(run(client_.remove<api::Pod>(
                      {"shop", "web"},
                      {.grace_period_seconds = 0, .uid = "u1", .propagation_policy = "Foreground"}))
                  .ok());
  EXPECT_EQ(
      transport_->asked.at(0),
      R"(DELETE /api/v1/namespaces/shop/pods/web {"kind":"DeleteOptions","apiVersion":"v1",)"
      R"("gracePeriodSeconds":0,"preconditions":{"uid":"u1"},"propagationPolicy":"Foreground"})");
}

TEST_F(ClientTest, GivesTheServersErrorBack) {
  transport_->answers = {{404, R"({"message":"pods \"web\" not found"})"}};
  EXPECT_EQ(run(client_.get<api::Pod>({"shop", "web"})).status().code(), StatusCode::kNotFound);
}

class EventsTest : public ClientTest {
 protected:
  // The requests since the last look.
  std::vector<std::string> sent() {
    io_.restart();
    io_.run_for(100ms);
    return std::exchange(transport_->asked, {});
  }
  FakeClock clock_;
  EventRecorder events_{io_.get_executor(), client_, {"kubelet", "n1"}, clock_};
  api::ObjectReference web_ = reference_to(PodBuilder("web").in("shop").build());
};

TEST_F(EventsTest, TheSameEventAgainRaisesItsCount) {
  transport_->answers = {{200, "{}"}};
  events_.warning(web_, "BackOff", "restarting");
  const auto first = sent();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_THAT(first[0], StartsWith("POST /api/v1/namespaces/shop/events "));
  EXPECT_THAT(first[0], HasSubstr(R"("reason":"BackOff")"));
  EXPECT_THAT(first[0], HasSubstr(R"("component":"kubelet")"));
  clock_.advance(5s);
  events_.warning(web_, "BackOff", "restarting");
  const auto again = sent();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_THAT(again[0], StartsWith("PATCH /api/v1/namespaces/shop/events/web."));
  EXPECT_THAT(again[0], HasSubstr(R"({"count":2,"lastTimestamp":"2023-11-14T22:13:25Z"})"));
  events_.warning(web_, "BackOff", "something else");
  EXPECT_THAT(sent(), ElementsAre(StartsWith("POST")));
  clock_.advance(11min);
  events_.warning(web_, "BackOff", "restarting");
  EXPECT_THAT(sent(), ElementsAre(StartsWith("POST")));
}

TEST_F(EventsTest, AnEventThatHasExpiredIsMadeAnew) {
  transport_->answers = {{200, "{}"}, {404, "{}"}, {200, "{}"}};
  events_.normal(web_, "Pulled", "image");
  sent();
  events_.normal(web_, "Pulled", "image");
  EXPECT_THAT(sent(), ElementsAre(StartsWith("PATCH"), StartsWith("POST")));
}

TEST_F(EventsTest, EventsOfOneInstantHaveDifferentNames) {
  transport_->answers = {{200, "{}"}};
  events_.normal(web_, "Created", "one");
  events_.normal(web_, "Created", "two");
  const auto asked = sent();
  ASSERT_THAT(asked, SizeIs(2));
  const auto name = [](const std::string& text) {
    const size_t at = text.find("\"name\":\"web.");
    return text.substr(at, text.find('"', at + 8) - at);
  };
  EXPECT_NE(name(asked[0]), name(asked[1]));
}

TEST_F(EventsTest, RefusedEventsAreCountedAndForgotten) {
  transport_->answers = {{403, "{}"}};
  events_.normal(web_, "Created", "one");
  sent();
  EXPECT_EQ(events_.dropped(), 1u);
}

}  // namespace
}  // namespace skiff::kube
