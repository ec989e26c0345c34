// SPDX-License-Identifier: Apache-2.0
// `skiff status` of any cluster: the nodes, and how the agent of each is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::cli {

struct AgentState {
  std::string node;
  bool ready = false;            // the Node is
  std::string pod;               // of the agent; empty: it runs on the host
  std::optional<double> memory;  // bytes
  std::string says;              // "ok", or why it is not
};

// The value of a metric without labels in a Prometheus text.
std::optional<double> metric_of(std::string_view text, std::string_view name);
// One line of the table. Pure.
std::string agent_row(const AgentState& state);

// A node that does not answer has its reason in its line.
Status print_agents(const std::string& kubeconfig);

}  // namespace skiff::cli
