// SPDX-License-Identifier: Apache-2.0
// Nodes, namespaces.
#include <set>

#include "api/core/namespace.h"
#include "api/core/node.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string node_status(const api::Node& node) {
  std::string out = "Unknown";
  for (const api::NodeCondition& condition : node.status.conditions)
    if (condition.type == "Ready") out = condition.status == "True" ? "Ready" : "NotReady";
  return node.spec.unschedulable ? out + ",SchedulingDisabled" : out;
}

// From labels: `node-role.kubernetes.io/ROLE`, or `kubernetes.io/role: ROLE`.
std::string node_roles(const api::Node& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  for (const auto& [key, value] : node.metadata.labels) {
    if (key.starts_with(kPrefix)) {
      roles.insert(key.substr(kPrefix.size()));
    } else if (key == "kubernetes.io/role") {
      roles.insert(value);
    }
  }
  roles.erase("");
  return roles.empty() ? std::string(kNone) : join({roles.begin(), roles.end()});
}

std::string_view address(const api::Node& node, std::string_view type) {
  for (const api::NodeAddress& one : node.status.addresses)
    if (one.type == type) return one.address;
  return kNone;
}

TableRow print_node(const api::Node& one, TimePoint now) {
  const api::NodeSystemInfo& info = one.status.nodeInfo;
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(node_status(one));
  cells.text(node_roles(one));
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(info.kubeletVersion);
  cells.text(address(one, "InternalIP"));
  cells.text(address(one, "ExternalIP"));
  cells.text(text_or(info.osImage, kUnknown));
  cells.text(text_or(info.kernelVersion, kUnknown));
  cells.text(text_or(info.containerRuntimeVersion, kUnknown));
  return {.cells = std::move(cells).finish()};
}

TableRow print_namespace(const api::Namespace& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.status.phase);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> cluster_tables() {
  return {
      table_of<api::Node, print_node>(
          {name_column(), column("Status"), column("Roles"), age_column(), column("Version"),
           wide_column("Internal-IP"), wide_column("External-IP"), wide_column("OS-Image"),
           wide_column("Kernel-Version"), wide_column("Container-Runtime")}),
      table_of<api::Namespace, print_namespace>({name_column(), column("Status"), age_column()})};
}

}  // namespace skiff::printers
