// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/tap_client.h"

#include <csignal>

#include "cli/api.h"
#include "cli/node_api.h"
#include "cli/packets/filter.h"

namespace skiff::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kLinger = 150ms;
constexpr auto kAllReady = 3s;

struct Running {
  const OnTapMessage& on_message;
  const OnTapTick& on_tick;
  asio::io_context loop{1};
  bool ending = false;
  // Nodes that have not begun. Until then (or so long) paths would lack what these see.
  size_t preparing = 0;
  std::chrono::steady_clock::time_point wait_until;
  size_t left = 0;
  size_t answered = 0;
  Status first_error = absl::OkStatus();
};

bool is_wanted(const Running& running, const trace::TapMessage& message) {
  if (std::holds_alternative<trace::TapTally>(message)) return true;
  if (running.ending) return false;
  const bool seen = std::holds_alternative<trace::TapPacket>(message) ||
                    std::holds_alternative<trace::TapSocket>(message);
  return !seen || running.preparing == 0 || std::chrono::steady_clock::now() >= running.wait_until;
}

awaitable<Status> read_tap(Running& running, NodeApi& node, http::Query query) {
  const auto body = co_await node.stream("/taps", std::move(query));
  if (running.preparing > 0) --running.preparing;
  CO_RETURN_IF_ERROR(body.status());
  ++running.answered;
  trace::TapDecoder decoder;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string piece, co_await (*body)->read(),
                        "{}: no more of its packets", node.node());
    if (piece.empty()) co_return absl::OkStatus();
    decoder.add(piece);
    for (;;) {
      CO_ASSIGN_OR_RETURN(const auto message, decoder.next());
      if (!message) break;
      if (is_wanted(running, *message)) running.on_message(node.node(), *message);
    }
  }
}

awaitable<void> tap_node(Running& running, std::unique_ptr<NodeApi> node, http::Query query) {
  const Status done = co_await read_tap(running, *node, std::move(query));
  if (!done.ok()) {
    fmt::print(stderr, "skiff: {}\n", message(done));
    if (running.first_error.ok()) running.first_error = done;
  }
  if (--running.left == 0) running.loop.stop();
}

// Nodes say what was lost every 100 ms (agent/trace/tap_stream.cpp): nobody has to believe that
// nothing was because he did not wait for it.
awaitable<void> linger(Running& running) {
  if (std::exchange(running.ending, true)) co_return running.loop.stop();
  co_await sleep_for(kLinger);
  running.loop.stop();
}

awaitable<void> tick(Running& running) {
  while (!running.ending && !running.on_tick()) co_await sleep_for(100ms);
  if (!running.ending) co_await linger(running);
}

awaitable<void> watch_signals(Running& running) {
  asio::signal_set signals(running.loop, SIGINT, SIGTERM);
  for (;;) {
    const auto [error, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    spawn(running.loop.get_executor(), "linger", linger(running));
  }
}

}  // namespace

Result<TapPlan> plan_taps(const TapOptions& options) {
  TapPlan plan;
  ASSIGN_OR_RETURN(const auto api, Api::connect(options.kubeconfig));
  ASSIGN_OR_RETURN(plan.access, api->agents(Right::kCapture));
  ASSIGN_OR_RETURN(plan.objects.pods, api->list<api::Pod>());
  ASSIGN_OR_RETURN(plan.objects.services, api->list<api::Service>());
  ASSIGN_OR_RETURN(plan.objects.nodes, api->list<api::Node>());
  for (const api::Node& node : plan.objects.nodes)
    if (options.node.empty() || node.metadata.name == options.node) plan.nodes.push_back(node);
  if (plan.nodes.empty()) return not_found("there is no node {}", options.node);
  const ClusterNames names(plan.objects, options.namespace_);
  RETURN_IF_ERROR(set_filter(options.filter, names, plan.request));
  plan.request.dropped = options.dropped;
  plan.request.snap = options.snap;
  plan.request.count = options.count;
  plan.request.duration = std::chrono::seconds(options.seconds);
  return plan;
}

std::string describe_losses(const trace::TapTally& tally) {
  if (tally.all_lost() == 0) return "";
  std::string text = fmt::format("{} packets:", tally.all_lost());
  const auto add = [&text](uint64_t count, const char* why) {
    if (count != 0) text += fmt::format("{} {} {}", text.ends_with(':') ? "" : ",", count, why);
  };
  add(tally.lost, "this reader was too slow for");
  add(tally.lost_ring, "found no room in the ring");
  add(tally.lost_limit, "were above the limit a second");
  return text;
}

Status run_taps(const TapPlan& plan, const OnTapMessage& on_message, const OnTapTick& on_tick) {
  Running running{.on_message = on_message, .on_tick = on_tick};
  running.wait_until = std::chrono::steady_clock::now() + kAllReady;
  const Executor executor = running.loop.get_executor();
  spawn(executor, "signals", watch_signals(running));
  AgentDialer dialer(executor, plan.access);
  for (const api::Node& node : plan.nodes) {
    auto api = dialer.dial(node);
    if (!api.ok()) {
      fmt::print(stderr, "skiff: {}\n", message(api.status()));
      if (running.first_error.ok()) running.first_error = api.status();
      continue;
    }
    ++running.left;
    if (plan.request.path) ++running.preparing;  // nobody waits for a node that cannot be reached
    spawn(executor, "tap", tap_node(running, *std::move(api), trace::tap_query(plan.request)));
  }
  if (running.left == 0) return running.first_error;
  spawn(executor, "tick", tick(running));
  running.loop.run();
  return running.answered == 0 ? running.first_error : absl::OkStatus();
}

}  // namespace skiff::cli
