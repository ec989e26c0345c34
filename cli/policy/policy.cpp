// SPDX-License-Identifier: Apache-2.0
#include "cli/policy/policy.h"

#include "api/core/pod.h"
#include "cli/api.h"
#include "cli/local/layout.h"
#include "cli/local/spec_file.h"
#include "cli/objects.h"
#include "cli/policy/describe.h"

namespace skiff::cli {

Status print_policy(const std::string& cluster, const std::string& pod) {
  const auto [space, name] = parse_name(pod, "default");
  ASSIGN_OR_RETURN(ClusterSpec spec, load_spec(cluster));
  const Layout layout = make_layout(spec);
  ASSIGN_OR_RETURN(auto api, Api::connect(layout.admin_kubeconfig));
  ASSIGN_OR_RETURN(const auto pods, api->list<api::Pod>());
  const api::Pod* found = nullptr;
  for (const api::Pod& one : pods)
    if (one.metadata.namespace_ == space && one.metadata.name == name) found = &one;
  if (found == nullptr) return not_found("there is no pod {}/{}", space, name);
  if (found->spec.hostNetwork) {
    fmt::print("{}/{} is on its host's network: no policy selects it\n", space, name);
    return absl::OkStatus();
  }
  for (const NodeLayout& node : layout.nodes) {
    if (node.name != found->spec.nodeName) continue;
    ASSIGN_OR_RETURN(auto maps, datapath::open_maps(node.bpf), "{}", node.name);
    ASSIGN_OR_RETURN(const auto lines, describe_policy(maps, *found, pods), "{}", node.name);
    for (const std::string& line : lines) fmt::print("{}\n", line);
    return absl::OkStatus();
  }
  return failed_precondition("pod {}/{} is on no node of cluster {} yet", space, name, cluster);
}

}  // namespace skiff::cli
