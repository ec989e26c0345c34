// SPDX-License-Identifier: Apache-2.0
#include "cli/services/services.h"

#include "agent/datapath/flow_gc.h"
#include "cli/api.h"
#include "cli/local/layout.h"
#include "cli/local/spec_file.h"
#include "cli/services/describe.h"

namespace skiff::cli {

Status print_services(const std::string& cluster, const std::string& node) {
  ASSIGN_OR_RETURN(ClusterSpec spec, load_spec(cluster));
  const Layout layout = make_layout(spec);
  ASSIGN_OR_RETURN(auto api, Api::connect(layout.admin_kubeconfig));
  ASSIGN_OR_RETURN(auto services, api->list<api::Service>());
  ASSIGN_OR_RETURN(auto pods, api->list<api::Pod>());
  const ServiceNames names = service_names(services, pods);
  bool found = false;
  for (const NodeLayout& candidate : layout.nodes) {
    if (!node.empty() && candidate.name != node) continue;
    found = true;
    ASSIGN_OR_RETURN(auto maps, datapath::open_maps(candidate.bpf), "{}", candidate.name);
    ASSIGN_OR_RETURN(auto lines, services_table(maps, names, datapath::monotonic_now()), "{}",
                     candidate.name);
    fmt::print("{}\n", candidate.name);
    for (const std::string& line : lines) fmt::print("  {}\n", line);
  }
  return found ? absl::OkStatus() : not_found("cluster {} has no node {}", cluster, node);
}

}  // namespace skiff::cli
