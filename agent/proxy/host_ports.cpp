// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/host_ports.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

// How soon a refused HostPort is looked at again: its NodePort may have been given up.
constexpr auto kRefusedAgain = 30s;

}  // namespace

HostPorts::HostPorts(const Executor& executor, Options options, kube::Store<api::Pod>& pods,
                     FrontendWriter& writer)
    : options_(std::move(options)),
      pods_(pods),
      writer_(writer),
      loop_(executor, {.name = "host ports", .workers = 1}, *this) {}

void HostPorts::sync_all() {
  for (const auto& pod : pods_.list()) unsettled_.insert(kube::key_of(*pod));
  for (const auto& pod : pods_.list()) {
    const kube::ObjectKey key = kube::key_of(*pod);
    const auto synced = sync(key);
    if (synced.ok()) continue;
    spdlog::warn("host ports of {}: {}, retrying", key, message(synced.status()));
    loop_.enqueue(key);
  }
}

void HostPorts::start() {
  pods_.subscribe([this](const auto& before, const auto& after) {
    if ((before && has_host_ports(*before)) || (after && has_host_ports(*after)))
      loop_.enqueue(kube::key_of(after ? *after : *before));
  });
  loop_.start();
}

void HostPorts::node_port_taken(uint8_t protocol, uint16_t port) {
  const auto it = holders_.find({protocol, port});
  if (it == holders_.end()) return;
  for (const kube::ObjectKey& key : it->second) loop_.enqueue(key);
  holders_.erase(it);
}

awaitable<Result<kube::Outcome>> HostPorts::reconcile(const kube::ObjectKey& key) {
  co_return sync(key);
}

Result<kube::Outcome> HostPorts::sync(const kube::ObjectKey& key) {
  const auto pod = pods_.get(key);
  HostPortPlan plan;
  if (pod)
    plan = plan_host_ports(*pod, {.node_addresses = options_.node_addresses,
                                  .is_own_address =
                                      [this](const IpAddress& address) {
                                        const auto own = options_.own_addresses();
                                        return own.ok() &&
                                               std::ranges::find(*own, address) != own->end();
                                      },
                                  .node_port_owner =
                                      [this](uint8_t protocol, uint16_t port) {
                                        return writer_.node_port_owner(protocol, port);
                                      }});
  for (const Frontend& frontend : plan.frontends)
    holders_[{frontend.key.protocol, frontend.key.port}].insert(key);
  const Status applied = writer_.apply("pod " + key.to_string(), plan.frontends);
  if (settles(applied) && unsettled_.erase(key) > 0 && settled() && options_.on_settled)
    options_.on_settled();
  const bool refused = !plan.refused.empty();
  if (applied.code() == StatusCode::kAlreadyExists)
    plan.refused.emplace_back(message(applied));  // another pod has it
  if (pod) {
    tell(key, *pod, std::move(plan.refused));
  } else {
    told_.erase(key);
  }
  RETURN_IF_ERROR(applied);
  return refused ? kube::Outcome::after(kRefusedAgain) : kube::Outcome::done();
}

// Once a reason, not once a look.
void HostPorts::tell(const kube::ObjectKey& key, const api::Pod& pod,
                     std::vector<std::string> refused) {
  if (refused.empty()) {
    told_.erase(key);
    return;
  }
  std::vector<std::string>& before = told_[key];
  if (before == refused) return;
  if (options_.events)
    for (const std::string& reason : refused)
      options_.events->warning(kube::reference_to(pod), "HostPortRefused", reason);
  before = std::move(refused);
}

}  // namespace skiff::proxy
