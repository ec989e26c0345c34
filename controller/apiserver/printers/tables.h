// SPDX-License-Identifier: Apache-2.0
// One table a kind: its columns, and the function that makes a row of an object. One source file a
// group of kinds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/codec.h"
#include "controller/apiserver/printer.h"
#include "controller/apiserver/printers/cells.h"

namespace skiff::printers {

using apiserver::TableColumn;
using apiserver::TableRow;

// The table of one kind.
struct KindTable {
  const api::TypeInfo* type = nullptr;
  std::vector<TableColumn> columns;
  Result<TableRow> (*row)(std::string_view object, TimePoint now) = nullptr;
};

// The table of T, whose rows `print(const T&, TimePoint now) -> TableRow` makes.
template <class T, auto print>
KindTable table_of(std::vector<TableColumn> columns) {
  return {.type = &api::type_of<T>(),
          .columns = std::move(columns),
          .row = [](std::string_view object, TimePoint now) -> Result<TableRow> {
            ASSIGN_OR_RETURN(const T typed, api::decode_json<T>(object), "table row");
            return print(typed, now);
          }};
}

// Columns, in the forms that recur.
TableColumn name_column();
TableColumn age_column();
TableColumn column(std::string name, std::string type = "string");
TableColumn wide_column(std::string name, std::string type = "string");

// One function and one file an API group; empty where name and age are all there is.
std::vector<KindTable> core_tables();
std::vector<KindTable> apps_tables();
std::vector<KindTable> batch_tables();
std::vector<KindTable> autoscaling_tables();
std::vector<KindTable> policy_tables();
std::vector<KindTable> networking_tables();
std::vector<KindTable> discovery_tables();
std::vector<KindTable> events_tables();
std::vector<KindTable> coordination_tables();
std::vector<KindTable> node_tables();
std::vector<KindTable> scheduling_tables();
std::vector<KindTable> rbac_tables();
std::vector<KindTable> authentication_tables();
std::vector<KindTable> authorization_tables();
std::vector<KindTable> certificates_tables();
std::vector<KindTable> storage_tables();
std::vector<KindTable> resource_tables();
std::vector<KindTable> admissionregistration_tables();
std::vector<KindTable> apiextensions_tables();
std::vector<KindTable> apiregistration_tables();
std::vector<KindTable> flowcontrol_tables();
std::vector<KindTable> metrics_tables();

// Parts of core's.
std::vector<KindTable> pod_tables();
std::vector<KindTable> service_tables();
std::vector<KindTable> cluster_tables();
std::vector<KindTable> configuration_tables();
std::vector<KindTable> event_tables();
std::vector<KindTable> template_tables();
std::vector<KindTable> quota_tables();
std::vector<KindTable> volume_tables();

}  // namespace skiff::printers
