// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions/definition.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_definition(const api::CustomResourceDefinition& one, TimePoint) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.metadata.creationTimestamp.to_string());
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> apiextensions_tables() {
  return {table_of<api::CustomResourceDefinition, print_definition>(
      {name_column(), column("Created At")})};
}

}  // namespace skiff::printers
