// SPDX-License-Identifier: Apache-2.0
#include "api/apiregistration/types.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string available(const api::APIServiceStatus& status) {
  for (const api::APIServiceCondition& condition : status.conditions)
    if (condition.type == "Available")
      return condition.status == "True" ? condition.status
                                        : condition.status + " (" + condition.reason + ")";
  return std::string(kUnknown);
}

std::string served_by(const api::APIServiceSpec& spec) {
  return spec.service ? spec.service->namespace_ + "/" + spec.service->name : "Local";
}

TableRow print_api_service(const api::APIService& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(served_by(one.spec));
  cells.text(available(one.status));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> apiregistration_tables() {
  return {table_of<api::APIService, print_api_service>(
      {name_column(), column("Service"), column("Available"), age_column()})};
}

}  // namespace skiff::printers
