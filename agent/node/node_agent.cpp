// SPDX-License-Identifier: Apache-2.0
#include "agent/node/node_agent.h"

#include <spdlog/spdlog.h>

#include "api/coordination/lease.h"

namespace skiff::node {
namespace {

using namespace std::chrono_literals;

constexpr auto kStatusPeriod = 10s;
constexpr auto kStatusHeartbeat = 5min;
constexpr auto kUntilReadyPeriod = 50ms;  // a starting node is wanted soon
constexpr auto kStartGrace = 10s;         // for our own parts to catch up after a restart
constexpr int kRenewals = 4;              // while a lease runs
constexpr const char* kLeaseNamespace = "kube-node-lease";

bool says_ready(const api::Node& node) {
  for (const api::NodeCondition& condition : node.status.conditions)
    if (condition.type == "Ready") return condition.status == "True";
  return false;
}

}  // namespace

NodeAgent::NodeAgent(const Executor& executor, NodeOptions options,
                     std::filesystem::path data_directory, kube::Client client, Parts parts,
                     const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      data_directory_(std::move(data_directory)),
      client_(std::move(client)),
      parts_(std::move(parts)),
      clock_(clock) {}

void NodeAgent::start() {
  started_at_ = clock_.now();
  spawn(executor_, "node status", run_status());
  spawn(executor_, "node lease", run_lease());
}

awaitable<void> NodeAgent::run_status() {
  bool warned = false;
  for (;;) {
    const Status status = co_await report();
    if (!status.ok() && !std::exchange(warned, true))
      spdlog::warn("node status: {}, retrying", message(status));
    if (status.ok()) warned = false;
    co_await sleep_for(ready_ && status.ok() ? std::chrono::nanoseconds(kStatusPeriod)
                                             : kUntilReadyPeriod);
  }
}

awaitable<Status> NodeAgent::report() {
  CO_ASSIGN_OR_RETURN(const Observed observed, co_await observe());
  if (!node_) {
    CO_ASSIGN_OR_RETURN(node_, co_await register_node(observed.facts), "register node {}",
                        options_.name);
  } else {
    auto current = co_await client_.get<api::Node>({"", options_.name});
    if (current.status().code() == StatusCode::kNotFound)
      node_.reset();  // deleted: register again next time
    CO_RETURN_IF_ERROR(current, "get node {}", options_.name);
    node_ = *std::move(current);
  }
  if (parts_.on_node) parts_.on_node(*node_);
  const TimePoint now = clock_.now();
  // A restart is no outage: pods of a node that says it is not ready leave their Services.
  if (!observed.not_ready_because.empty() && says_ready(*node_) && now - started_at_ < kStartGrace)
    co_return absl::OkStatus();
  api::NodeStatus next = node_status(options_, node_->status, observed, now);
  for (const api::NodeCondition& condition : next.conditions)
    if (condition.type == "Ready") ready_ = condition.status == "True";
  if (!differs(next, node_->status) && now - reported_at_ < kStatusHeartbeat)
    co_return absl::OkStatus();
  api::Node updated = *node_;
  updated.status = std::move(next);
  updated.metadata.resourceVersion.clear();  // status is ours alone: no conflict can matter
  auto written = co_await client_.update_status(std::move(updated));
  CO_RETURN_IF_ERROR(written, "write status");
  node_ = *std::move(written);
  reported_at_ = now;
  co_return absl::OkStatus();
}

awaitable<Result<api::Node>> NodeAgent::register_node(const Facts& facts) {
  api::Node wanted = new_node(options_, facts);
  auto created = co_await client_.create(wanted);
  if (created.status().code() != StatusCode::kAlreadyExists) co_return created;
  auto present = co_await client_.get<api::Node>({"", options_.name});
  if (!present.ok()) co_return present;
  // Labels that describe the machine are ours to keep true; all others are the user's.
  bool changed = false;
  for (const auto& [name, value] : wanted.metadata.labels) {
    std::string& label = present->metadata.labels[name];
    changed |= label != value;
    label = value;
  }
  if (!changed) co_return present;
  co_return co_await client_.update(*std::move(present));
}

awaitable<Result<Observed>> NodeAgent::observe() {
  Observed observed;
  CO_ASSIGN_OR_RETURN(observed.facts, read_facts(data_directory_));
  CO_ASSIGN_OR_RETURN(observed.usage, read_usage(data_directory_));
  if (parts_.not_ready_because) observed.not_ready_because = parts_.not_ready_because();
  if (parts_.runtime == nullptr) {
    observed.runtime_version = "unknown";
    co_return observed;
  }
  const auto version = co_await parts_.runtime->version();
  if (!version.ok())
    co_return observed;  // an unanswering runtime is a condition, not a failure to report
  observed.runtime_version =
      fmt::format("{}://{}", version->runtime_name, version->runtime_version);
  const auto conditions = co_await parts_.runtime->status();
  if (conditions.ok()) observed.runtime = *conditions;
  const auto images = co_await parts_.runtime->list_images();
  if (images.ok()) observed.images = *images;
  co_return observed;
}

awaitable<void> NodeAgent::run_lease() {
  bool warned = false;
  for (;;) {
    const Status status = co_await renew_lease();
    if (!status.ok() && !std::exchange(warned, true))
      spdlog::warn("node lease: {}, retrying", message(status));
    if (status.ok()) warned = false;
    co_await sleep_for(status.ok() ? std::chrono::nanoseconds(options_.lease_duration) / kRenewals
                                   : 1s);
  }
}

awaitable<Status> NodeAgent::renew_lease() {
  const kube::ObjectKey key{kLeaseNamespace, options_.name};
  auto lease = co_await client_.get<api::Lease>(key);
  if (lease.ok()) {
    lease->spec.holderIdentity = options_.name;
    lease->spec.leaseDurationSeconds = static_cast<int32_t>(options_.lease_duration.count());
    lease->spec.renewTime = api::MicroTime(clock_.now());
    const auto renewed = co_await client_.update(*std::move(lease));
    co_return annotate(renewed.status(), "renew");
  }
  if (lease.status().code() != StatusCode::kNotFound) co_return annotate(lease.status(), "get");
  api::Lease fresh;
  fresh.metadata.namespace_ = key.namespace_;
  fresh.metadata.name = key.name;
  fresh.spec.holderIdentity = options_.name;
  fresh.spec.leaseDurationSeconds = static_cast<int32_t>(options_.lease_duration.count());
  fresh.spec.renewTime = api::MicroTime(clock_.now());
  const auto created = co_await client_.create(std::move(fresh));
  co_return annotate(created.status(), "create");
}

}  // namespace skiff::node
