// SPDX-License-Identifier: Apache-2.0
// The same question to the agents of all nodes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/core/node.h"
#include "base/http/message.h"
#include "base/result.h"
#include "cli/agents.h"

namespace skiff::cli {

struct NodeSet {
  AgentAccess access;
  std::vector<api::Node> nodes;
};

// Called with a whole line of an answer, without its end.
using OnLine = std::function<void(const std::string& node, const std::string& line)>;

// Asks every node for `path` and hands over the answers line by line, as they come. Blocks until
// all have ended, or somebody interrupts. Nodes that do not answer are named on stderr, once, and
// taken out of the set; an error only if none does. `again`: what a node is asked whose answer
// broke off, every second until it tells the rest; null: nothing.
Status ask_nodes(NodeSet& set, const std::string& path, const http::Query& query,
                 const OnLine& on_line, const std::function<http::Query()>& again = nullptr);

}  // namespace skiff::cli
