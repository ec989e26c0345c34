// SPDX-License-Identifier: Apache-2.0
// The scheduling framework: small interfaces, one per extension point, after kube-scheduler's.
// Plugins up to Score are pure over one cycle: they read the pod and the nodes, keep what they work
// out once per pod in their State, and hold nothing between cycles. From Reserve on a plugin may
// hold something for a pod, and lets go of it in unreserve().
//
// A pod's way: PreEnqueue, QueueSort; then a cycle: PreFilter, Filter, PostFilter if no node is
// left, PreScore, Score, NormalizeScore (cycle.h); then Reserve, Permit, PreBind, Bind, PostBind
// (binding_cycle.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
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

// A pod in the queue.
struct Waiting {
  PodPtr pod;
  TimePoint since;
};

// Which of two waiting pods is next? A strict weak order; a tie is broken by name. One a profile.
class QueueSortPlugin : public virtual Plugin {
 public:
  virtual bool before(const Waiting& a, const Waiting& b) const = 0;
};

// Can this pod run on this node?
class FilterPlugin : public virtual Plugin {
 public:
  // Once per cycle, over all nodes, before the first filter().
  virtual StatePtr pre_filter(const PodInfo&, const Nodes&) const { return nullptr; }
  virtual Verdict filter(const PodInfo& pod, const NodeInfo& node, const State* state) const = 0;
};

using Reasons = std::map<std::string, int>;  // reason → number of nodes
using RefusedNodes = std::vector<std::pair<const NodeInfo*, Verdict>>;

// No node does: what could be done about it. Says why nothing was.
class PostFilterPlugin : public virtual Plugin {
 public:
  virtual Reasons post_filter(const PodInfo& pod, const RefusedNodes& refused) const = 0;
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

// Holds what the pod needs on its node until it is bound.
class ReservePlugin : public virtual Plugin {
 public:
  virtual Status reserve(const PodInfoPtr& pod, const std::string& node) = 0;
  // Also after a reserve() that failed, or never was. Idempotent, and cannot fail.
  virtual void unreserve(const PodInfoPtr& pod, const std::string& node) = 0;
};

// May the pod be bound now? Waits for as long as it takes; an error turns it away.
class PermitPlugin : public virtual Plugin {
 public:
  virtual awaitable<Status> permit(PodInfoPtr pod, std::string node) = 0;
};

// What must be ready before the pod is bound.
class PreBindPlugin : public virtual Plugin {
 public:
  virtual awaitable<Status> pre_bind(PodInfoPtr pod, std::string node) = 0;
};

enum class Binding {
  kDone,
  kSkipped,  // somebody else's to bind: the next plugin is asked
};

class BindPlugin : public virtual Plugin {
 public:
  virtual awaitable<Result<Binding>> bind(PodInfoPtr pod, std::string node) = 0;
};

// The pod is bound.
class PostBindPlugin : public virtual Plugin {
 public:
  virtual void post_bind(const PodInfoPtr& pod, const std::string& node) = 0;
};

struct WeightedScore {
  std::shared_ptr<const ScorePlugin> plugin;
  int64_t weight = 1;
};

// Which plugins run where, in order.
struct Profile {
  std::vector<std::shared_ptr<const PreEnqueuePlugin>> pre_enqueue;
  std::shared_ptr<const QueueSortPlugin> queue_sort;
  std::vector<std::shared_ptr<const FilterPlugin>> filters;  // with PreFilter
  std::vector<std::shared_ptr<const PostFilterPlugin>> post_filters;
  std::vector<WeightedScore> scores;  // with PreScore and NormalizeScore
  std::vector<std::shared_ptr<ReservePlugin>> reserve;
  std::vector<std::shared_ptr<PermitPlugin>> permit;
  std::vector<std::shared_ptr<PreBindPlugin>> pre_bind;
  std::vector<std::shared_ptr<BindPlugin>> bind;
  std::vector<std::shared_ptr<PostBindPlugin>> post_bind;
};

// kube-scheduler's default profile, as far as its plugins are here; of those that act (reserve to
// post_bind) none: they need something to act on.
Profile default_profile();

}  // namespace skiff::scheduler
