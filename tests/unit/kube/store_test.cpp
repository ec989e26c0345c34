// SPDX-License-Identifier: Apache-2.0
#include "kube/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/compare.h"
#include "api/core/pod.h"
#include "tests/builders/pod_builder.h"

namespace skiff::kube {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using PodPtr = std::shared_ptr<const api::Pod>;

PodPtr pod(const std::string& name, const std::string& node, const std::string& version = "1") {
  return PodBuilder(name)
      .on(node)
      .with([&](api::Pod& made) { made.metadata.resourceVersion = version; })
      .share();
}

std::vector<std::string> names(const std::vector<PodPtr>& pods) {
  std::vector<std::string> list;
  for (const PodPtr& pod : pods) list.push_back(pod->metadata.name);
  return list;
}

// Alike in both forms.
class StoreTest : public testing::TestWithParam<Keep> {
 protected:
  StoreTest() {
    store_.add_index("node", [](const api::Pod& pod) { return std::vector{pod.spec.nodeName}; });
    store_.subscribe([this](const PodPtr& before, const PodPtr& after) {
      told_.push_back(!before  ? "+" + after->metadata.name
                      : !after ? "-" + before->metadata.name
                               : "~" + after->metadata.name);
    });
  }
  asio::io_context io_;
  Store<api::Pod> store_{io_.get_executor(), GetParam()};
  std::vector<std::string> told_;
};

INSTANTIATE_TEST_SUITE_P(Forms, StoreTest, testing::Values(Keep::kWhole, Keep::kPacked),
                         [](const auto& form) {
                           return form.param == Keep::kWhole ? "Whole" : "Packed";
                         });

TEST_P(StoreTest, IndexesFollowChanges) {
  store_.put(pod("a", "n1"));
  store_.put(pod("b", "n1"));
  EXPECT_THAT(names(store_.by_index("node", "n1")), ElementsAre("a", "b"));
  store_.put(pod("a", "n2", "2"));
  EXPECT_THAT(names(store_.by_index("node", "n1")), ElementsAre("b"));
  EXPECT_THAT(names(store_.by_index("node", "n2")), ElementsAre("a"));
  store_.erase({"default", "b"});
  EXPECT_THAT(store_.by_index("node", "n1"), IsEmpty());
  // An index added late holds what is there, and one of the same name stays as it is.
  store_.add_index("name", [](const api::Pod& pod) { return std::vector{pod.metadata.name}; });
  store_.add_index("name", [](const api::Pod&) { return std::vector<std::string>{"x"}; });
  EXPECT_THAT(names(store_.by_index("name", "a")), ElementsAre("a"));
}

TEST_P(StoreTest, ReplaceTellsOnlyWhatChanged) {
  store_.put(pod("a", "n1", "1"));
  store_.put(pod("b", "n1", "2"));
  store_.put(pod("c", "n1", "3"));
  told_.clear();
  EXPECT_FALSE(store_.synced());
  store_.replace({pod("b", "n1", "2"), pod("c", "n2", "5"), pod("d", "n1", "6")});
  EXPECT_TRUE(store_.synced());
  EXPECT_THAT(told_, testing::UnorderedElementsAre("~c", "+d", "-a"));
  EXPECT_THAT(names(store_.list()), ElementsAre("b", "c", "d"));
  EXPECT_THAT(names(store_.by_index("node", "n1")), ElementsAre("b", "d"));
}

TEST_P(StoreTest, ReplaceWithTheSameObjectTwiceKeepsIt) {
  store_.replace({pod("a", "n1", "1"), pod("a", "n2", "2"), pod("b", "n1", "3")});
  EXPECT_THAT(names(store_.list()), ElementsAre("a", "b"));
  EXPECT_THAT(names(store_.by_index("node", "n1")), ElementsAre("b"));
}

TEST_P(StoreTest, AnObjectWithAValueTwiceIsFoundOnce) {
  store_.add_index("twice", [](const api::Pod& pod) {
    return std::vector{pod.spec.nodeName, pod.spec.nodeName};
  });
  store_.put(pod("b", "n1"));
  store_.put(pod("a", "n1"));
  EXPECT_THAT(names(store_.by_index("twice", "n1")), ElementsAre("a", "b"));
}

TEST_P(StoreTest, GivesObjectsAsTheyWerePut) {
  const PodPtr put = PodBuilder("a").in("shop").on("n1").container("main").share();
  store_.put(put);
  EXPECT_THAT(api::differences(*store_.get({"shop", "a"}), *put), IsEmpty());
  EXPECT_THAT(store_.keys(), ElementsAre(ObjectKey{"shop", "a"}));
  EXPECT_FALSE(store_.get({"shop", "b"}));
  EXPECT_FALSE(store_.get({"sho", "pa"}));
}

TEST_P(StoreTest, ALateSubscriberHearsOfAllThatIsThere) {
  store_.put(pod("a", "n1"));
  std::vector<std::string> told;
  store_.subscribe([&](const PodPtr& before, const PodPtr& after) {
    EXPECT_FALSE(before);
    told.push_back(after->metadata.name);
  });
  EXPECT_THAT(told, ElementsAre("a"));
}

TEST_P(StoreTest, ListsOneNamespace) {
  store_.put(PodBuilder("a").in("shop").share());
  store_.put(PodBuilder("b").in("shop-2").share());
  store_.put(PodBuilder("c").in("shop").share());
  EXPECT_THAT(names(store_.list("shop")), ElementsAre("a", "c"));
}

awaitable<void> reach(Store<api::Pod>& store, std::string version, std::chrono::milliseconds limit,
                      std::optional<bool>& reached) {
  reached = co_await store.reach(std::move(version), limit);
}

TEST_P(StoreTest, ReachWaitsForTheVersionAsANumber) {
  std::optional<bool> reached;
  spawn(io_.get_executor(), "reach", reach(store_, "10", 10s, reached));
  store_.put(pod("a", "n1", "9"));
  io_.run_for(20ms);
  EXPECT_FALSE(reached);
  store_.saw("10");
  io_.run_for(1s);
  EXPECT_EQ(reached, true);
  EXPECT_EQ(store_.revision(), 10u);
  store_.saw("9");
  EXPECT_EQ(store_.revision(), 10u);
}

TEST_P(StoreTest, ReachGivesUp) {
  std::optional<bool> reached;
  spawn(io_.get_executor(), "reach", reach(store_, "10", 10ms, reached));
  io_.run_for(1s);
  EXPECT_EQ(reached, false);
}

awaitable<void> until_gone(Store<api::Pod>& store, ObjectKey key, std::optional<bool>& gone) {
  gone = co_await store.until([&] { return !store.get(key); }, 10s);
}

TEST_P(StoreTest, UntilWaitsForWhatHoldsOfTheStore) {
  store_.put(pod("a", "n1", "9"));
  const ObjectKey key = kube::key_of(*store_.list().front());
  std::optional<bool> gone;
  spawn(io_.get_executor(), "until", until_gone(store_, key, gone));
  store_.put(pod("b", "n1", "10"));
  io_.run_for(20ms);
  EXPECT_FALSE(gone);
  store_.erase(key);
  store_.saw("11");
  io_.run_for(1s);
  EXPECT_EQ(gone, true);
}

}  // namespace
}  // namespace skiff::kube
