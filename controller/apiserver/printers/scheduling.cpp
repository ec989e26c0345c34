// SPDX-License-Identifier: Apache-2.0
#include "api/scheduling/types.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_priority_class(const api::PriorityClass& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(one.value);
  cells.text(one.globalDefault ? "true" : "false");
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(one.preemptionPolicy.value_or(""));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> scheduling_tables() {
  return {table_of<api::PriorityClass, print_priority_class>(
      {name_column(), column("Value", "integer"), column("Global-Default", "boolean"), age_column(),
       column("PreemptionPolicy")})};
}

}  // namespace skiff::printers
