// SPDX-License-Identifier: Apache-2.0
#include "api/coordination/lease.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_lease(const api::Lease& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.holderIdentity.value_or(""));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> coordination_tables() {
  return {table_of<api::Lease, print_lease>({name_column(), column("Holder"), age_column()})};
}

}  // namespace skiff::printers
