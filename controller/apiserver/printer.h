// SPDX-License-Identifier: Apache-2.0
// Tables as `kubectl get` shows them: columns of a resource, cells of an object. The server wraps
// them into `kind: Table`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "controller/apiserver/resource.h"

namespace skiff::apiserver {

struct TableColumn {
  std::string name;
  std::string type = "string";  // OpenAPI: string, integer, boolean, number, date
  std::string format;           // "name" marks the name column
  std::string description;
  int priority = 0;  // above 0: shown with -o wide
};

struct TableRow {
  std::string cells;       // a JSON array, one element a column
  std::string conditions;  // a JSON array of TableRowCondition, or empty
};

class TablePrinter {
 public:
  virtual ~TablePrinter() = default;
  virtual const std::vector<TableColumn>& columns(const Resource& resource) const = 0;
  // `object` is the stored JSON. Ages are reckoned to `now`.
  virtual Result<TableRow> row(const Resource& resource, std::string_view object,
                               TimePoint now) const = 0;
};

// Name and Created At, for every kind: what is shown while nothing better is known.
std::unique_ptr<TablePrinter> plain_table_printer();

}  // namespace skiff::apiserver
