// SPDX-License-Identifier: Apache-2.0
#include "cli/services/services.h"

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/service_dump.h"
#include "cli/api.h"
#include "cli/local/layout.h"
#include "cli/local/spec_file.h"
#include "cli/services/describe.h"

namespace skiff::cli {
namespace {

Status print_node(const std::string& node, const datapath::Maps& maps, const ServiceNames& names,
                  std::chrono::nanoseconds now) {
  ASSIGN_OR_RETURN(const auto lines, services_table(maps, names, now), "{}", node);
  fmt::print("{}\n", node);
  for (const std::string& line : lines) fmt::print("  {}\n", line);
  return absl::OkStatus();
}

Result<bool> print_local(const ServicesOptions& options, const ServiceNames& names) {
  ASSIGN_OR_RETURN(const ClusterSpec spec, load_spec(options.local));
  bool found = false;
  for (const NodeLayout& node : make_layout(spec).nodes) {
    if (!options.node.empty() && node.name != options.node) continue;
    found = true;
    ASSIGN_OR_RETURN(const auto maps, datapath::open_maps(node.bpf), "{}", node.name);
    RETURN_IF_ERROR(print_node(node.name, maps, names, datapath::monotonic_now()));
  }
  return found;
}

// A node that does not answer is named; an error only if none does.
Result<bool> print_remote(Api& api, const ServicesOptions& options, const ServiceNames& names) {
  ASSIGN_OR_RETURN(const auto nodes, api.list<api::Node>());
  bool found = false;
  bool answered = false;
  Status first = absl::OkStatus();
  for (const api::Node& node : nodes) {
    if (!options.node.empty() && node.metadata.name != options.node) continue;
    found = true;
    const auto text = api.ask(node, "/services", {});
    if (!text.ok()) {
      fmt::print(stderr, "skiff: {}\n", message(text.status()));
      first.Update(text.status());
      continue;
    }
    answered = true;
    ASSIGN_OR_RETURN(const auto dump, datapath::decode_services(*text), "{}", node.metadata.name);
    RETURN_IF_ERROR(print_node(node.metadata.name, dump.maps, names, dump.now));
  }
  if (found && !answered) return first;
  return found;
}

}  // namespace

Status print_services(const ServicesOptions& options) {
  ASSIGN_OR_RETURN(auto api, Api::connect(options.kubeconfig));
  ASSIGN_OR_RETURN(const auto services, api->list<api::Service>());
  ASSIGN_OR_RETURN(const auto pods, api->list<api::Pod>());
  const ServiceNames names = service_names(services, pods);
  ASSIGN_OR_RETURN(const bool found, options.local.empty() ? print_remote(*api, options, names)
                                                           : print_local(options, names));
  return found ? absl::OkStatus() : not_found("there is no node {}", options.node);
}

}  // namespace skiff::cli
