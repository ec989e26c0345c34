// SPDX-License-Identifier: Apache-2.0
// The node's side of `skiff why`: gathers the facts of bpf/ maps, routes, flows, drops, and asks
// the program itself. Served as GET /why on the node's API.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/datapath/datapath.h"
#include "agent/trace/hub.h"
#include "agent/trace/why_facts.h"
#include "agent/trace/why_maps.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/http/message.h"

namespace skiff::trace {

// What the agent's other features know. Each may be empty: its fact is then absent.
struct WhySources {
  std::string node;
  datapath::Datapath* datapath = nullptr;
  Hub* hub = nullptr;
  bool other_cni = false;  // the agent attaches no pods
  std::function<std::string()> not_ready_because;
  std::function<NameFact(const std::string& name)> resolve;
  std::function<std::vector<PolicyFact>(const WhyQuestion&, const std::vector<SocketAddress>&)>
      policies;
};

// All but `drops`. Blocks for some milliseconds; any thread of the node's namespace, while the loop
// may go on: of the datapath it reads the maps alone, which stay where they are, and `probe`, which
// was taken on the loop. Takes neither resolve nor policy, which belong there.
NodeFacts gather_node_facts(const WhySources& sources, const datapath::ProbeSource& probe,
                            const WhyQuestion& question);

Result<WhyQuestion> parse_why_query(const http::Query& query);
http::Query why_query(const WhyQuestion& question);

class WhyHandler final : public http::Handler {
 public:
  WhyHandler(WhySources sources, const Clock& clock, asio::thread_pool& pool)
      : sources_(std::move(sources)), clock_(clock), pool_(pool) {}
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  awaitable<std::vector<DropFact>> last_drops(WhyQuestion question);

  WhySources sources_;
  const Clock& clock_;
  asio::thread_pool& pool_;
};

}  // namespace skiff::trace
