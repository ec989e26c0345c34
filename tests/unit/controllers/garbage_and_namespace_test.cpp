// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/controllers/garbage_collector.h"
#include "controller/controllers/namespace.h"
#include "tests/unit/controllers/builders.h"

namespace skiff::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

api::ObjectMeta owned_by(std::initializer_list<const char*> uids) {
  api::ObjectMeta object;
  for (const char* uid : uids) object.ownerReferences.emplace_back().uid = uid;
  return object;
}

TEST(OwnersVerdict, RemovesWhatNobodyOwnsAnyMore) {
  struct {
    const char* what;
    std::unordered_set<std::string> absent;
    std::unordered_set<std::string> waiting;
    bool has_dependents;
    bool remove;
    bool foreground;
    std::vector<std::string> dangling;
  } cases[] = {
      {"both owners stay", {}, {}, false, false, false, {}},
      {"one is gone", {"a"}, {}, false, false, false, {"a"}},
      {"one waits for its dependents", {}, {"b"}, true, false, false, {"b"}},
      {"both are gone", {"a", "b"}, {}, true, true, false, {}},
      {"one is gone, one waits", {"a"}, {"b"}, false, true, false, {}},
      {"both wait, and it has dependents itself", {}, {"a", "b"}, true, true, true, {}},
  };
  for (const auto& c : cases) {
    const OwnersVerdict verdict =
        judge_owners(owned_by({"a", "b"}), c.absent, c.waiting, c.has_dependents);
    EXPECT_EQ(verdict.remove, c.remove) << c.what;
    EXPECT_EQ(verdict.foreground, c.foreground) << c.what;
    EXPECT_EQ(verdict.dangling, c.dangling) << c.what;
  }
}

TEST(OwnersVerdict, LeavesObjectsWithoutOwners) {
  EXPECT_FALSE(judge_owners(owned_by({}), {"a"}, {}, false).remove);
}

api::NamespaceCondition find(const api::NamespaceStatus& status, std::string_view type) {
  for (const api::NamespaceCondition& condition : status.conditions)
    if (condition.type == type) return condition;
  return {};
}

TEST(NamespaceStatus, CountsWhatRemainsInKubernetesWords) {
  NamespaceRemains remains;
  remains.objects = {{"pods.", 2}, {"deployments.apps", 1}};
  remains.finalizers = {{"example.com/x", 1}};
  const api::NamespaceStatus status = namespace_status({}, remains, kNow);
  EXPECT_EQ(status.phase, "Terminating");
  const auto content = find(status, "NamespaceContentRemaining");
  EXPECT_EQ(content.status, "True");
  EXPECT_EQ(content.reason, "SomeResourcesRemain");
  EXPECT_EQ(content.message,
            "Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 "
            "resource instances");
  const auto finalizers = find(status, "NamespaceFinalizersRemaining");
  EXPECT_EQ(finalizers.status, "True");
  EXPECT_EQ(finalizers.message,
            "Some content in the namespace has finalizers remaining: example.com/x in 1 resource "
            "instances");
}

TEST(NamespaceStatus, SaysWhenAllIsGoneAndKeepsTransitionTimes) {
  NamespaceRemains remains;
  remains.objects = {{"pods.", 1}};
  api::Namespace ns;
  ns.status = namespace_status(ns, remains, kNow);
  ns.status = namespace_status(ns, remains, kNow + 5s);
  EXPECT_EQ(find(ns.status, "NamespaceContentRemaining").lastTransitionTime, api::Time(kNow));
  ns.status = namespace_status(ns, {}, kNow + 10s);
  const auto content = find(ns.status, "NamespaceContentRemaining");
  EXPECT_EQ(content.status, "False");
  EXPECT_EQ(content.reason, "ContentRemoved");
  EXPECT_EQ(content.lastTransitionTime, api::Time(kNow + 10s));
  EXPECT_EQ(find(ns.status, "NamespaceFinalizersRemaining").reason, "ContentHasNoFinalizers");
}

}  // namespace
}  // namespace skiff::controllers
