// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/policy.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "kube/reflector.h"

namespace skiff::policy {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetry = 1s;
constexpr auto kLongestPause = 500ms;
constexpr int kShare = 4;  // of the loop's time, a fifth at most

}  // namespace

Policy::Policy(const Executor& executor, std::shared_ptr<kube::Transport> transport,
               datapath::Maps& maps, metrics::Registry& registry)
    : executor_(executor),
      transport_(std::move(transport)),
      registry_(registry),
      policies_(executor),
      namespaces_(executor),
      writer_(maps),
      changed_(executor) {}

Status Policy::start() {
  RETURN_IF_ERROR(writer_.restore(), "restore policies");
  policies_.subscribe([this](const auto&, const auto&) {
    watch_peers();
    want();
  });
  namespaces_.subscribe([this](const auto& before, const auto& after) {
    if (!before || !after || before->metadata.labels != after->metadata.labels) want();
  });
  kube::start_reflector(executor_, transport_, policies_);
  spawn(executor_, "policy", run());
  return absl::OkStatus();
}

// Whoever has no policy pays for no watch of all pods.
void Policy::watch_peers() {
  if (std::exchange(peers_watched_, true)) return;
  kube::start_reflector(executor_, transport_, namespaces_);
  spawn(executor_, "reflector",
        kube::reflect(transport_, api::kind_of<api::Pod>(), {},
                      make_pod_sink(pods_, [this] { want(); })));
}

void Policy::want() {
  wanted_ = true;
  changed_.notify();
}

bool Policy::complete() const {
  if (!policies_.synced()) return false;
  return policies_.size() == 0 || (namespaces_.synced() && pods_.synced());
}

Inputs Policy::inputs() const {
  Inputs inputs{.complete = complete(),
                .policies = policies_.list(),
                .namespaces = {},
                .pods = &pods_,
                .locals = {}};
  for (const auto& one : namespaces_.list())
    inputs.namespaces[one->metadata.name] = one->metadata.labels;
  return inputs;
}

Status Policy::admit(LocalPod pod, bool was_here) {
  if (pod.addresses.empty()) return absl::OkStatus();
  if (!was_here || complete()) {
    Inputs alone = inputs();
    alone.locals = {pod};
    RETURN_IF_ERROR(writer_.add(compile(alone)), "policy of {}", pod.key);
  }
  locals_[pod.addresses.front()] = std::move(pod);
  explainer_.reset();
  want();
  return absl::OkStatus();
}

void Policy::forget(const kube::ObjectKey& key, const std::vector<IpAddress>& addresses) {
  if (addresses.empty()) return;
  const auto it = locals_.find(addresses.front());
  if (it == locals_.end() || it->second.key != key) return;
  locals_.erase(it);
  explainer_.reset();
  want();
}

std::optional<Judgement> Policy::explain(Direction direction, const Question& question) const {
  if (!explainer_) explainer_.emplace(inputs_with_locals());
  return explainer_->explain(direction, question);
}

Inputs Policy::inputs_with_locals() const {
  Inputs now = inputs();
  for (const auto& [address, pod] : locals_) now.locals.push_back(pod);
  return now;
}

Status Policy::sync() {
  explainer_.reset();
  return writer_.apply(compile(inputs_with_locals()));
}

awaitable<void> Policy::run() {
  co_await policies_.wait_synced();
  want();
  for (;;) {
    while (!wanted_) co_await changed_.wait();
    if (!complete()) {  // the next object that arrives wakes us
      wanted_ = false;
      co_await changed_.wait(100ms);
      wanted_ = true;
      continue;
    }
    wanted_ = false;
    const auto begun = std::chrono::steady_clock::now();
    const Status synced = sync();
    const auto took = std::chrono::steady_clock::now() - begun;
    if (!synced.ok()) {
      spdlog::warn("policy: {}, retrying in 1s", message(synced));
      metrics::counter(registry_, "skiff_policy_sync_errors_total",
                       "Times the rules could not be written.")
          .Increment();
      wanted_ = true;
      co_await sleep_for(kRetry);
      continue;
    }
    show(took);
    // At once, and together where there is much to do.
    co_await sleep_for(std::min<std::chrono::nanoseconds>(kShare * took, kLongestPause));
  }
}

void Policy::show(std::chrono::duration<double> took) {
  const auto gauge = [&](const char* name, const char* help, size_t value) {
    metrics::gauge(registry_, name, help).Set(static_cast<double>(value));
  };
  gauge("skiff_policy_policies", "NetworkPolicies known.", policies_.size());
  gauge("skiff_policy_isolated_addresses", "Addresses of pods here that are under policy.",
        writer_.pods());
  gauge("skiff_policy_tables", "Sets of rules, shared by pods with equal ones.", writer_.tables());
  gauge("skiff_policy_peers", "Addresses and ranges in those sets.", writer_.peers());
  metrics::histogram(registry_, "skiff_policy_sync_seconds",
                     "Compiling all policies and writing what differs.",
                     metrics::exponential_buckets(0.0001, 4, 8))
      .Observe(took.count());
}

}  // namespace skiff::policy
