// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/printers.h"

#include <map>

#include "api/meta.h"
#include "controller/apiserver/printers/tables.h"
#include "kube/json_scan.h"

namespace skiff::printers {
namespace {

// Name and age, read without a type.
Result<TableRow> plain_row(std::string_view object, TimePoint now) {
  const std::string_view text = kube::json_member(object, "metadata").value_or("{}");
  ASSIGN_OR_RETURN(const auto metadata, api::decode_json<api::ObjectMeta>(text), "table row");
  Cells cells;
  cells.text(metadata.name);
  cells.text(age(metadata.creationTimestamp, now));
  return TableRow{.cells = std::move(cells).finish()};
}

class KindTablePrinter final : public apiserver::TablePrinter {
 public:
  KindTablePrinter() {
    for (auto tables : {core_tables(),           apps_tables(),
                        batch_tables(),          autoscaling_tables(),
                        policy_tables(),         networking_tables(),
                        discovery_tables(),      events_tables(),
                        coordination_tables(),   node_tables(),
                        scheduling_tables(),     rbac_tables(),
                        authentication_tables(), authorization_tables(),
                        certificates_tables(),   storage_tables(),
                        resource_tables(),       admissionregistration_tables(),
                        apiextensions_tables(),  apiregistration_tables(),
                        flowcontrol_tables(),    metrics_tables()})
      for (KindTable& table : tables) tables_.emplace(table.type, std::move(table));
  }

  const std::vector<TableColumn>& columns(const apiserver::Resource& resource) const override {
    return find(resource).columns;
  }

  Result<TableRow> row(const apiserver::Resource& resource, std::string_view object,
                       TimePoint now) const override {
    return find(resource).row(object, now);
  }

 private:
  const KindTable& find(const apiserver::Resource& resource) const {
    const auto found = tables_.find(resource.kind->type);
    return found == tables_.end() ? plain_ : found->second;
  }

  const KindTable plain_ = {.columns = {name_column(), age_column()}, .row = plain_row};
  std::map<const api::TypeInfo*, KindTable> tables_;
};

}  // namespace

TableColumn column(std::string name, std::string type) {
  return {.name = std::move(name), .type = std::move(type)};
}

TableColumn wide_column(std::string name, std::string type) {
  return {.name = std::move(name), .type = std::move(type), .priority = 1};
}

TableColumn name_column() {
  return {
      .name = "Name", .format = "name", .description = "Unique within a namespace for its kind."};
}

TableColumn age_column() {
  return {.name = "Age", .description = "Time since its creation."};
}

std::unique_ptr<apiserver::TablePrinter> table_printer() {
  return std::make_unique<KindTablePrinter>();
}

}  // namespace skiff::printers
