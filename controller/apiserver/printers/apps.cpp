// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/selector.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

// The wide columns of everything that has a pod template.
void print_template(Cells& cells, const api::PodTemplateSpec& pods,
                    const api::Box<api::LabelSelector>& selector) {
  std::vector<std::string> names, images;
  for (const api::Container& container : pods.spec.containers) {
    names.push_back(container.name);
    images.push_back(container.image);
  }
  cells.text(join(names));
  cells.text(join(images));
  const auto parsed = selector ? api::Selector::from(*selector) : api::Selector::everything();
  cells.text(!parsed.ok() || parsed->is_everything() ? std::string(kNone) : parsed->to_string());
}

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
  cells.text(one.metadata.name);
  cells.number(one.spec.replicas.value_or(1));
  cells.number(one.status.replicas);
  cells.number(one.status.readyReplicas);
  cells.text(age(one.metadata.creationTimestamp, now));
  print_template(cells, one.spec.template_, one.spec.selector);
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
               wide_column("Images"), wide_column("Selector")})};
}

}  // namespace skiff::printers
