// SPDX-License-Identifier: Apache-2.0
// Replication controllers, pod templates.
#include "api/core/replication_controller.h"
#include "controller/apiserver/printers/template_cells.h"

namespace skiff::printers {
namespace {

TableRow print_replication_controller(const api::ReplicationController& one, TimePoint now) {
  Cells cells;
  print_replicas(cells, one, now);
  print_containers(cells, one.spec.template_ ? *one.spec.template_ : api::PodTemplateSpec());
  cells.text(labels_text(one.spec.selector));
  return {.cells = std::move(cells).finish()};
}

TableRow print_pod_template(const api::PodTemplate& one, TimePoint) {
  Cells cells;
  cells.text(one.metadata.name);
  print_containers(cells, one.template_);
  cells.text(labels_text(one.template_.metadata.labels));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> template_tables() {
  return {table_of<api::ReplicationController, print_replication_controller>(
              {name_column(), column("Desired", "integer"), column("Current", "integer"),
               column("Ready", "integer"), age_column(), wide_column("Containers"),
               wide_column("Images"), wide_column("Selector")}),
          table_of<api::PodTemplate, print_pod_template>(
              {name_column(), column("Containers"), column("Images"), column("Pod Labels")})};
}

}  // namespace skiff::printers
