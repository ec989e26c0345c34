// SPDX-License-Identifier: Apache-2.0
// The scheduling framework: small interfaces, one per extension point, after kube-scheduler's.
// Plugins are pure over one cycle: they read the pod and the nodes, keep what they work out once
// per pod in their State, and hold nothing between cycles.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/scheduler/cache.h"

namespace skiff::scheduler {

// Why a node does not do. Empty reason: it does.
struct Verdict {
  std::string reason;
  std::vector<std::string> more;  // further reasons of the same plugin
  // Nothing that goes on on the node can change it (preemption need not look there).
  bool unresolvable = false;

  static Verdict fits() { return {}; }
  static Verdict refuses(std::string why) { return {std::move(why), {}, false}; }
  static Verdict never(std::string why) { return {std::move(why), {}, true}; }
  // One more reason; a hopeless one makes the whole unresolvable.
  void add(std::string why, bool hopeless) {
    (reason.empty() ? reason : more.emplace_back()) = std::move(why);
    unresolvable |= hopeless;
  }
  bool ok() const { return reason.empty(); }
};

using Nodes = std::vector<const NodeInfo*>;

// What one plugin works out once for one pod. Plugins derive their own.
struct State {
  virtual ~State() = default;
};
using StatePtr = std::unique_ptr<State>;

class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual std::string_view name() const = 0;
};

// May the pod enter the queue at all? A refusal keeps it out until the pod itself changes.
class PreEnqueuePlugin : public virtual Plugin {
 public:
  virtual Verdict pre_enqueue(const api::Pod& pod) const = 0;
};

// Can this pod run on this node?
class FilterPlugin : public virtual Plugin {
 public:
  // Once per cycle, over all nodes, before the first filter().
  virtual StatePtr pre_filter(const PodInfo&, const Nodes&) const { return nullptr; }
  virtual Verdict filter(const PodInfo& pod, const NodeInfo& node, const State* state) const = 0;
};

// How well? score() is any number; normalize() brings all to 0..100.
class ScorePlugin : public virtual Plugin {
 public:
  static constexpr int64_t kMost = 100;
  // Once per cycle, over the nodes that passed all filters.
  virtual StatePtr pre_score(const PodInfo&, const Nodes&) const { return nullptr; }
  virtual int64_t score(const PodInfo& pod, const NodeInfo& node, const State* state) const = 0;
  virtual void normalize(std::vector<int64_t>&) const {}
};

// Scales scores so that the largest is 100; turned round if `reverse` (fewer is better).
void normalize_to_most(std::vector<int64_t>& scores, bool reverse);

struct WeightedScore {
  std::shared_ptr<const ScorePlugin> plugin;
  int64_t weight = 1;
};

// Which plugins run where, in order.
struct Profile {
  std::vector<std::shared_ptr<const PreEnqueuePlugin>> pre_enqueue;
  std::vector<std::shared_ptr<const FilterPlugin>> filters;
  std::vector<WeightedScore> scores;
};

// kube-scheduler's default profile, as far as its plugins are here.
Profile default_profile();

}  // namespace skiff::scheduler
