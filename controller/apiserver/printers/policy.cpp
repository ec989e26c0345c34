// SPDX-License-Identifier: Apache-2.0
#include "api/policy/types.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string budget_amount(const std::optional<api::IntOrString>& value) {
  return value ? value->to_string() : "N/A";
}

TableRow print_budget(const api::PodDisruptionBudget& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(budget_amount(one.spec.minAvailable));
  cells.text(budget_amount(one.spec.maxUnavailable));
  cells.number(one.status.disruptionsAllowed);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> policy_tables() {
  return {table_of<api::PodDisruptionBudget, print_budget>(
      {name_column(), column("Min Available"), column("Max Unavailable"),
       column("Allowed Disruptions", "integer"), age_column()})};
}

}  // namespace skiff::printers
