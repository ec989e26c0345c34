// SPDX-License-Identifier: Apache-2.0
// ConfigMaps, Secrets, ServiceAccounts.
#include "api/core/config.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_config_map(const api::ConfigMap& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(static_cast<int64_t>(one.data.size() + one.binaryData.size()));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_secret(const api::Secret& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.type);
  cells.number(static_cast<int64_t>(one.data.size()));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_service_account(const api::ServiceAccount& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(static_cast<int64_t>(one.secrets.size()));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> configuration_tables() {
  return {table_of<api::ConfigMap, print_config_map>(
              {name_column(), column("Data", "integer"), age_column()}),
          table_of<api::Secret, print_secret>(
              {name_column(), column("Type"), column("Data", "integer"), age_column()}),
          table_of<api::ServiceAccount, print_service_account>(
              {name_column(), column("Secrets", "integer"), age_column()})};
}

}  // namespace skiff::printers
