// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/printer.h"
#include "kube/json_scan.h"

namespace skiff::apiserver {
namespace {

class PlainTablePrinter final : public TablePrinter {
 public:
  const std::vector<TableColumn>& columns(const Resource&) const override {
    static const std::vector<TableColumn> kColumns = {
        {.name = "Name",
         .format = "name",
         .description = "Name must be unique within a namespace."},
        {.name = "Created At", .type = "date", .description = "When the object was created."}};
    return kColumns;
  }

  Result<TableRow> row(const Resource&, std::string_view object, TimePoint) const override {
    const std::string_view metadata = kube::json_member(object, "metadata").value_or("{}");
    std::string cells = "[";
    cells += kube::json_member(metadata, "name").value_or("\"\"");
    cells += ',';
    cells += kube::json_member(metadata, "creationTimestamp").value_or("null");
    return TableRow{.cells = cells + "]"};
  }
};

}  // namespace

std::unique_ptr<TablePrinter> plain_table_printer() {
  return std::make_unique<PlainTablePrinter>();
}

}  // namespace skiff::apiserver
