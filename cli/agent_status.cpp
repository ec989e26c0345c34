// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_status.h"

#include <cstdlib>

#include "cli/api.h"

namespace skiff::cli {
namespace {

constexpr double kMiB = 1024 * 1024;

std::string row(std::string_view node, std::string_view ready, std::string_view agent,
                std::string_view memory, std::string_view says) {
  return fmt::format("{:<20} {:<9} {:<24} {:>10}  {}", node, ready, agent, memory, says);
}

AgentState state_of(Api& api, const api::Node& node, const AgentAccess& access) {
  AgentState state{.node = node.metadata.name, .ready = is_ready(node), .pod = {}, .says = "ok"};
  if (const auto pod = access.pods.find(state.node); pod != access.pods.end())
    state.pod = pod->second.name;
  if (const auto health = api.ask(node, "/healthz", {}); !health.ok()) {
    state.says = message(health.status());
    return state;
  }
  if (const auto metrics = api.ask(node, "/metrics", {}); metrics.ok())
    state.memory = metric_of(*metrics, "process_resident_memory_bytes");
  return state;
}

}  // namespace

std::optional<double> metric_of(std::string_view text, std::string_view name) {
  const std::string start = fmt::format("\n{} ", name);
  const size_t at = text.find(start);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string value(text.substr(at + start.size(), 32));  // up to the end of the line
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  return end == value.c_str() ? std::nullopt : std::optional(number);
}

std::string agent_row(const AgentState& state) {
  return row(state.node, state.ready ? "yes" : "no", state.pod.empty() ? "-" : state.pod,
             state.memory ? fmt::format("{:.1f} MiB", *state.memory / kMiB) : "-", state.says);
}

Status print_agents(const std::string& kubeconfig) {
  ASSIGN_OR_RETURN(const auto api, Api::connect(kubeconfig));
  ASSIGN_OR_RETURN(const auto nodes, api->list<api::Node>());
  ASSIGN_OR_RETURN(const AgentAccess access, api->agents(Right::kObserve));
  fmt::print("Cluster {}: {} nodes, {} agents\nkubeconfig {}\n\n", api->server(), nodes.size(),
             access.pods.empty() ? nodes.size() : access.pods.size(), kubeconfig);
  fmt::print("{}\n", row("NODE", "READY", "AGENT", "MEMORY", "SAYS"));
  for (const api::Node& node : nodes) fmt::print("{}\n", agent_row(state_of(*api, node, access)));
  return absl::OkStatus();
}

}  // namespace skiff::cli
