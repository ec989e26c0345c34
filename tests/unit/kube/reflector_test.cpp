// SPDX-License-Identifier: Apache-2.0
#include "kube/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/core/config.h"
#include "tests/unit/kube/fake_transport.h"

namespace skiff::kube {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using End = FakeStream::End;

std::string config(const std::string& name, int version) {
  return fmt::format(
      R"({{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"namespace":"d","name":"{}","resourceVersion":"{}"}}}})",
      name, version);
}
std::string list(int version, const std::vector<std::string>& items) {
  return fmt::format(
      R"({{"kind":"ConfigMapList","metadata":{{"resourceVersion":"{}"}},"items":[{}]}})", version,
      fmt::join(items, ","));
}
std::string event(const char* type, const std::string& object) {
  return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object);
}
constexpr const char* kGone =
    R"({"kind":"Status","status":"Failure","code":410,"reason":"Expired"})";

class ReflectorTest : public testing::Test {
 protected:
  void run() { run_with({.first_retry = 1ms, .most_retry = 2ms}); }
  void run_with(ReflectorOptions options) {
    start_reflector(io_.get_executor(), transport_, store_, std::move(options));
    io_.run_for(100ms);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const auto& object : store_.list()) list.push_back(object->metadata.name);
    return list;
  }
  static std::string watch(int version) {
    return fmt::format("GET /api/v1/configmaps?watch=1&resourceVersion={}&allowWatchBookmarks=true",
                       version);
  }

  asio::io_context io_;
  Store<api::ConfigMap> store_{io_.get_executor()};
  std::shared_ptr<FakeTransport> transport_ = std::make_shared<FakeTransport>(io_.get_executor());
};

TEST_F(ReflectorTest, ListsThenWatches) {
  transport_->answers = {{200, list(5, {config("a", 3), config("b", 4)})}};
  const std::string added = event("ADDED", config("c", 6));
  transport_->will_stream({added.substr(0, 20), added.substr(20) + event("DELETED", config("a", 7)),
                           event("BOOKMARK", config("", 9))},
                          End::kStays);
  run();
  EXPECT_TRUE(store_.synced());
  EXPECT_THAT(names(), ElementsAre("b", "c"));
  EXPECT_EQ(store_.revision(), 9u);
  EXPECT_THAT(transport_->asked, ElementsAre("GET /api/v1/configmaps", watch(5)));
}

TEST_F(ReflectorTest, ABrokenStreamResumesWhereItWas) {
  transport_->answers = {{200, list(5, {})}};
  transport_->will_stream({event("ADDED", config("a", 6)), "{\"type\":\"ADD"}, End::kBreaks);
  transport_->will_stream({event("ADDED", config("b", 7))}, End::kEnds);
  run();
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_THAT(transport_->asked,
              ElementsAre("GET /api/v1/configmaps", watch(5), watch(6), watch(7)));
}

TEST_F(ReflectorTest, GoneListsAgain) {
  transport_->answers = {{200, list(5, {config("a", 3)})}, {200, list(20, {config("b", 15)})}};
  transport_->will_stream({event("ERROR", kGone)}, End::kEnds);
  run();
  EXPECT_THAT(names(), ElementsAre("b"));
  EXPECT_THAT(transport_->asked,
              ElementsAre("GET /api/v1/configmaps", watch(5), "GET /api/v1/configmaps", watch(20)));
}

TEST_F(ReflectorTest, GoneAsAnHttpStatusListsAgain) {
  transport_->answers = {{200, list(5, {config("a", 3)})}, {200, list(20, {config("b", 15)})}};
  transport_->will_stream({kGone}, End::kEnds, 410);
  run();
  EXPECT_THAT(names(), ElementsAre("b"));
}

TEST_F(ReflectorTest, KeepsWhatItHasWhileTheServerIsAway) {
  transport_->answers = {{503, "later"}, {200, list(5, {config("a", 3)})}};
  transport_->will_stream({}, End::kBreaks);
  transport_->will_stream({"no"}, End::kEnds, 503);
  run();
  EXPECT_THAT(names(), ElementsAre("a"));
  EXPECT_THAT(transport_->asked, ElementsAre("GET /api/v1/configmaps", "GET /api/v1/configmaps",
                                             watch(5), watch(5), watch(5)));
}

TEST_F(ReflectorTest, AnObjectThatCannotBeReadHidesNoOther) {
  const std::string bad =
      R"({"metadata":{"namespace":"d","name":"bad","resourceVersion":"8","labels":7}})";
  transport_->answers = {{200, list(5, {config("a", 3), bad, config("b", 4)})}};
  transport_->will_stream({event("ADDED", bad) + event("ADDED", config("c", 9))}, End::kStays);
  run();
  EXPECT_TRUE(store_.synced());
  EXPECT_THAT(names(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(store_.revision(), 9u);
}

TEST_F(ReflectorTest, AServerThatEndsWatchesAtOnceIsNotAskedWithoutPause) {
  transport_->answers = {{200, list(5, {})}};
  for (int i = 0; i < 1000; ++i) transport_->will_stream({}, End::kEnds);
  run_with({.first_retry = 8ms, .most_retry = 64ms});
  EXPECT_GE(transport_->asked.size(), 3u);
  EXPECT_LE(transport_->asked.size(), 6u);  // pauses of at least 8, 16, 32, 64 ms
}

TEST_F(ReflectorTest, AServerThatSaysGoneAgainAndAgainIsNotListedWithoutPause) {
  transport_->answers = {{200, list(5, {})}};
  for (int i = 0; i < 1000; ++i) transport_->will_stream({kGone}, End::kEnds, 410);
  run_with({.first_retry = 8ms, .most_retry = 64ms});
  EXPECT_GE(transport_->asked.size(), 6u);
  EXPECT_LE(transport_->asked.size(), 12u);  // a list and a watch each
}

TEST_F(ReflectorTest, AHealthyStretchMakesPausesShortAgain) {
  transport_->answers = {{200, list(5, {})}};
  for (int i = 0; i < 1000; ++i) transport_->will_stream({}, End::kEnds);
  run_with({.first_retry = 1ms, .most_retry = 1000ms, .healthy_after = 0ms});
  EXPECT_GE(transport_->asked.size(), 1000u);
}

TEST_F(ReflectorTest, AsksForWhatIsSelected) {
  transport_->answers = {{200, list(5, {})}};
  start_reflector(
      io_.get_executor(), transport_, store_,
      {.namespace_ = "d", .label_selector = "a=b", .field_selector = "spec.nodeName=n"});
  io_.run_for(50ms);
  EXPECT_EQ(
      transport_->asked.at(0),
      "GET /api/v1/namespaces/d/configmaps?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn");
}

}  // namespace
}  // namespace skiff::kube
