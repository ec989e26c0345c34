// SPDX-License-Identifier: Apache-2.0
#include "api/resource/claim.h"
#include "api/resource/device.h"
#include "api/resource/request.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string claim_state(const api::ResourceClaim& claim) {
  std::string text;
  if (claim.metadata.deletionTimestamp) text = "deleted";
  if (!claim.status.allocation) return text.empty() ? "pending" : text;
  text += text.empty() ? "allocated" : ",allocated";
  return claim.status.reservedFor.empty() ? text : text + ",reserved";
}

TableRow print_claim_of_devices(const api::ResourceClaim& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(claim_state(one));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_device_slice(const api::ResourceSlice& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.nodeName.value_or(""));
  cells.text(one.spec.driver);
  cells.text(one.spec.pool.name);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> resource_tables() {
  return {table_of<api::ResourceClaim, print_claim_of_devices>(
              {name_column(), column("State"), age_column()}),
          table_of<api::ResourceSlice, print_device_slice>(
              {name_column(), column("Node"), column("Driver"), column("Pool"), age_column()})};
}

}  // namespace skiff::printers
