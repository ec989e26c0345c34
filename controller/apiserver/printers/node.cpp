// SPDX-License-Identifier: Apache-2.0
#include "api/node/runtime_class.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_runtime_class(const api::RuntimeClass& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.handler);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> node_tables() {
  return {table_of<api::RuntimeClass, print_runtime_class>(
      {name_column(), column("Handler"), age_column()})};
}

}  // namespace skiff::printers
