// SPDX-License-Identifier: Apache-2.0
// Quotas, limits, component statuses.
#include <fmt/format.h>

#include "api/core/component_status.h"
#include "api/core/quota.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

// `requests.cpu: 100m/300m, pods: 1/3`; limits apart.
TableRow print_resource_quota(const api::ResourceQuota& one, TimePoint now) {
  std::vector<std::string> requests, limits;
  for (const auto& [name, hard] : one.status.hard) {
    const auto used = one.status.used.find(name);
    const api::Quantity amount = used == one.status.used.end() ? api::Quantity() : used->second;
    (name.starts_with("limits.") ? limits : requests)
        .push_back(fmt::format("{}: {}/{}", name, amount.to_string(), hard.to_string()));
  }
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(join(requests, ", "));
  cells.text(join(limits, ", "));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_component_status(const api::ComponentStatus& one, TimePoint) {
  std::string_view status = "Unknown", text, error;
  for (const api::ComponentCondition& condition : one.conditions) {
    if (condition.type != "Healthy") continue;
    status = condition.status == "True" ? "Healthy" : "Unhealthy";
    text = condition.message;
    error = condition.error;
  }
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(status);
  cells.text(text);
  cells.text(error);
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> quota_tables() {
  return {table_of<api::ResourceQuota, print_resource_quota>(
              {name_column(), column("Request"), column("Limit"), age_column()}),
          table_of<api::ComponentStatus, print_component_status>(
              {name_column(), column("Status"), column("Message"), column("Error")})};
}

}  // namespace skiff::printers
