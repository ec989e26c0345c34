// SPDX-License-Identifier: Apache-2.0
// A deployment and its replica sets, carried out plan by plan, with pods that become available one
// at a time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "api/compare.h"
#include "tests/unit/controllers/builders.h"

namespace skiff::controllers {

class Simulation {
 public:
  explicit Simulation(api::Deployment deployment) : web(std::move(deployment)) {}

  // One plan, carried out; then one pod somewhere becomes available, unless its image is broken.
  void step() {
    last = plan(web, sets(), false, now);
    if (last.create) add(*last.create);
    for (const api::ReplicaSet& rs : last.annotate) sets_.at(rs.metadata.name) = rs;
    if (last.annotate.empty())
      for (const DeploymentPlan::Scale& scale : last.scale) apply(scale);
    for (const ReplicaSetPtr& rs : last.remove) sets_.erase(rs->metadata.name);
    if (!last.revision.empty()) web.metadata.annotations[kRevision] = last.revision;
    web.status = last.status;
    if (check) check();
    for (auto& [name, rs] : sets_) {
      if (rs.status.availableReplicas >= *rs.spec.replicas || image(rs) == broken_image) continue;
      ++rs.status.availableReplicas;
      ++rs.status.readyReplicas;
      break;
    }
    if (check) check();
  }

  void run_to_end() {
    for (int i = 0; i < 2000; ++i) {
      step();
      const bool quiet = !last.create && last.scale.empty() && last.annotate.empty() &&
                         last.remove.empty() && available() == web.spec.replicas;
      if (quiet && condition("Progressing").reason == "NewReplicaSetAvailable" &&
          web.status.updatedReplicas == web.spec.replicas)
        return;
    }
    FAIL() << "the rollout does not end";
  }

  std::vector<ReplicaSetPtr> sets() const {
    std::vector<ReplicaSetPtr> all;
    for (const auto& [name, rs] : sets_) all.push_back(share(rs));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a->metadata.creationTimestamp < b->metadata.creationTimestamp;
    });
    return all;
  }
  // spec.replicas of each set, oldest first.
  std::vector<int32_t> sizes() const {
    std::vector<int32_t> list;
    for (const ReplicaSetPtr& rs : sets()) list.push_back(replicas_of(*rs));
    return list;
  }
  int32_t pods() const {
    int32_t total = 0;
    for (const auto& [name, rs] : sets_) total += replicas_of(rs);
    return total;
  }
  int32_t available() const {
    int32_t total = 0;
    for (const auto& [name, rs] : sets_) total += rs.status.availableReplicas;
    return total;
  }
  api::DeploymentCondition condition(std::string_view type) const {
    for (const api::DeploymentCondition& condition : web.status.conditions)
      if (condition.type == type) return condition;
    return {};
  }

  api::Deployment web;
  std::string broken_image;
  TimePoint now = kNow;
  std::function<void()> check;  // after each change
  DeploymentPlan last;

 private:
  static std::string image(const api::ReplicaSet& rs) {
    return rs.spec.template_.spec.containers[0].image;
  }
  void add(api::ReplicaSet rs) {
    now += 1s;
    rs.metadata.uid = "uid-" + rs.metadata.name;
    rs.metadata.creationTimestamp = api::Time(now);
    rs.status.replicas = *rs.spec.replicas;
    sets_[rs.metadata.name] = std::move(rs);
  }
  void apply(const DeploymentPlan::Scale& scale) {
    api::ReplicaSet& rs = sets_.at(scale.replica_set->metadata.name);
    // The replica set controller removes pods that are not ready first.
    rs.spec.replicas = rs.status.replicas = scale.replicas;
    rs.status.availableReplicas = std::min(rs.status.availableReplicas, scale.replicas);
    rs.status.readyReplicas = rs.status.availableReplicas;
    rs.metadata.annotations[kDesiredReplicas] = std::to_string(replicas_of(web));
    rs.metadata.annotations[kMaxReplicas] = std::to_string(replicas_of(web) + room_of(web).surge);
  }

  std::map<std::string, api::ReplicaSet> sets_;
};

}  // namespace skiff::controllers
