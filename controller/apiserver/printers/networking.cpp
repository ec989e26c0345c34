// SPDX-License-Identifier: Apache-2.0
#include "api/networking/network_policy.h"
#include "api/selector.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_network_policy(const api::NetworkPolicy& one, TimePoint now) {
  const auto selector = api::Selector::from(one.spec.podSelector);
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(!selector.ok() || selector->is_everything() ? std::string(kNone)
                                                         : selector->to_string());
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> networking_tables() {
  return {table_of<api::NetworkPolicy, print_network_policy>(
      {name_column(), column("Pod-Selector"), age_column()})};
}

}  // namespace skiff::printers
