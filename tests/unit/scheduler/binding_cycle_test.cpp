// SPDX-License-Identifier: Apache-2.0
#include "controller/scheduler/binding_cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/scheduler/plugins/plugins.h"
#include "tests/builders/pod_builder.h"

namespace skiff::scheduler {
namespace {

using ::testing::ElementsAre;

using Calls = std::vector<std::string>;

// At every point from Reserve on; writes down what it is asked, and fails where it is told to.
class Recorder final : public ReservePlugin,
                       public PermitPlugin,
                       public PreBindPlugin,
                       public BindPlugin,
                       public PostBindPlugin {
 public:
  Recorder(std::string name, Calls& calls) : name_(std::move(name)), calls_(calls) {}
  std::string_view name() const override { return name_; }
  Status reserve(const PodInfoPtr&, const std::string&) override { return called("reserve"); }
  void unreserve(const PodInfoPtr&, const std::string&) override { (void)called("unreserve"); }
  awaitable<Status> permit(PodInfoPtr, std::string) override { co_return called("permit"); }
  awaitable<Status> pre_bind(PodInfoPtr, std::string) override { co_return called("pre-bind"); }
  awaitable<Result<Binding>> bind(PodInfoPtr, std::string) override {
    CO_RETURN_IF_ERROR(called("bind"));
    co_return skips_ ? Binding::kSkipped : Binding::kDone;
  }
  void post_bind(const PodInfoPtr&, const std::string&) override { (void)called("post-bind"); }

  std::string fails_at_;
  bool skips_ = false;

 private:
  Status called(const std::string& point) {
    calls_.push_back(point + " " + name_);
    return point == fails_at_ ? unavailable("no") : absl::OkStatus();
  }
  std::string name_;
  Calls& calls_;
};

class BindingCycleTest : public ::testing::Test {
 protected:
  BindingCycleTest() {
    for (const auto& plugin : {first_, second_}) {
      profile_.reserve.push_back(plugin);
      profile_.permit.push_back(plugin);
      profile_.pre_bind.push_back(plugin);
      profile_.bind.push_back(plugin);
      profile_.post_bind.push_back(plugin);
    }
  }
  Status run() {
    Status status = reserve(profile_, pod_, "n1");
    if (!status.ok()) return status;
    asio::io_context loop;
    const auto cycle = [&]() -> awaitable<void> {
      status = co_await bind_reserved(profile_, pod_, "n1");
    };
    spawn(loop.get_executor(), "cycle", cycle());
    loop.run();
    return status;
  }

  Calls calls_;
  std::shared_ptr<Recorder> first_ = std::make_shared<Recorder>("A", calls_);
  std::shared_ptr<Recorder> second_ = std::make_shared<Recorder>("B", calls_);
  Profile profile_;
  PodInfoPtr pod_ = std::make_shared<const PodInfo>(PodBuilder("p").on("").share());
};

TEST_F(BindingCycleTest, GoesThroughAllPointsInOrder) {
  EXPECT_TRUE(run().ok());
  EXPECT_THAT(calls_, ElementsAre("reserve A", "reserve B", "permit A", "permit B", "pre-bind A",
                                  "pre-bind B", "bind A", "post-bind A", "post-bind B"));
}

TEST_F(BindingCycleTest, OnePluginBinds) {
  first_->skips_ = true;
  EXPECT_TRUE(run().ok());
  EXPECT_THAT(calls_, ::testing::IsSupersetOf({"bind A", "bind B"}));
  second_->skips_ = true;
  EXPECT_EQ(message(run()), "no plugin binds this pod");
  EXPECT_EQ(calls_.back(), "unreserve A");
}

TEST_F(BindingCycleTest, AReservationThatFailsIsUnwoundInReverseOrder) {
  second_->fails_at_ = "reserve";
  EXPECT_EQ(message(run()), "B: no");
  EXPECT_THAT(calls_, ElementsAre("reserve A", "reserve B", "unreserve B", "unreserve A"));
}

TEST_F(BindingCycleTest, WhateverFailsLaterUnreservesInReverseOrder) {
  for (const char* point : {"permit", "pre-bind", "bind"}) {
    SCOPED_TRACE(point);
    calls_.clear();
    first_->fails_at_ = point;
    EXPECT_EQ(message(run()), "A: no");
    ASSERT_GE(calls_.size(), 3U);
    EXPECT_THAT(Calls(calls_.end() - 3, calls_.end()),
                ElementsAre(std::string(point) + " A", "unreserve B", "unreserve A"));
  }
}

TEST_F(BindingCycleTest, TheCacheKeepsWhatItHeardMeanwhile) {
  Cache cache;
  const auto plugin = node_cache(cache);
  const kube::ObjectKey key = kube::key_of(*pod_->pod);
  ASSERT_TRUE(plugin->reserve(pod_, "n1").ok());
  EXPECT_TRUE(cache.knows(key));
  plugin->unreserve(pod_, "n1");
  EXPECT_FALSE(cache.knows(key));
  ASSERT_TRUE(plugin->reserve(pod_, "n1").ok());
  cache.set_pod(PodBuilder("p").on("n2").share());  // somebody else has bound it
  plugin->unreserve(pod_, "n1");
  EXPECT_TRUE(cache.knows(key));
}

}  // namespace
}  // namespace skiff::scheduler
