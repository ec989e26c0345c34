// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "api/apps/controller_revision.h"
#include "api/apps/daemon_set.h"
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/apps/stateful_set.h"
#include "controller/apiserver/printers/template_cells.h"

namespace skiff::printers {
namespace {

TableRow print_deployment(const api::Deployment& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(fmt::format("{}/{}", one.status.readyReplicas, one.spec.replicas.value_or(1)));
  cells.number(one.status.updatedReplicas);
  cells.number(one.status.availableReplicas);
  cells.text(age(one.metadata.creationTimestamp, now));
  print_template(cells, one.spec.template_, one.spec.selector);
  return {.cells = std::move(cells).finish()};
}

TableRow print_replica_set(const api::ReplicaSet& one, TimePoint now) {
  Cells cells;
  print_replicas(cells, one, now);
  print_template(cells, one.spec.template_, one.spec.selector);
  return {.cells = std::move(cells).finish()};
}

TableRow print_daemon_set(const api::DaemonSet& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(one.status.desiredNumberScheduled);
  cells.number(one.status.currentNumberScheduled);
  cells.number(one.status.numberReady);
  cells.number(one.status.updatedNumberScheduled);
  cells.number(one.status.numberAvailable);
  cells.text(labels_text(one.spec.template_.spec.nodeSelector));
  cells.text(age(one.metadata.creationTimestamp, now));
  print_template(cells, one.spec.template_, one.spec.selector);
  return {.cells = std::move(cells).finish()};
}

TableRow print_stateful_set(const api::StatefulSet& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(fmt::format("{}/{}", one.status.readyReplicas, one.spec.replicas.value_or(1)));
  cells.text(age(one.metadata.creationTimestamp, now));
  print_containers(cells, one.spec.template_);
  return {.cells = std::move(cells).finish()};
}

// `daemonset.apps/web`.
std::string controller_of(const api::ObjectMeta& metadata) {
  for (const api::OwnerReference& owner : metadata.ownerReferences) {
    if (!owner.controller.value_or(false)) continue;
    std::string kind = owner.kind;
    for (char& c : kind)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const size_t slash = owner.apiVersion.find('/');
    const std::string group =
        slash == std::string::npos ? "" : "." + owner.apiVersion.substr(0, slash);
    return fmt::format("{}{}/{}", kind, group, owner.name);
  }
  return std::string(kNone);
}

TableRow print_revision(const api::ControllerRevision& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(controller_of(one.metadata));
  cells.number(one.revision);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> apps_tables() {
  return {table_of<api::Deployment, print_deployment>(
              {name_column(), column("Ready"), column("Up-to-date", "integer"),
               column("Available", "integer"), age_column(), wide_column("Containers"),
               wide_column("Images"), wide_column("Selector")}),
          table_of<api::ReplicaSet, print_replica_set>(
              {name_column(), column("Desired", "integer"), column("Current", "integer"),
               column("Ready", "integer"), age_column(), wide_column("Containers"),
               wide_column("Images"), wide_column("Selector")}),
          table_of<api::DaemonSet, print_daemon_set>(
              {name_column(), column("Desired", "integer"), column("Current", "integer"),
               column("Ready", "integer"), column("Up-to-date", "integer"),
               column("Available", "integer"), column("Node Selector"), age_column(),
               wide_column("Containers"), wide_column("Images"), wide_column("Selector")}),
          table_of<api::StatefulSet, print_stateful_set>({name_column(), column("Ready"),
                                                          age_column(), wide_column("Containers"),
                                                          wide_column("Images")}),
          table_of<api::ControllerRevision, print_revision>(
              {name_column(), column("Controller"), column("Revision", "integer"), age_column()})};
}

}  // namespace skiff::printers
