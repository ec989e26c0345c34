// SPDX-License-Identifier: Apache-2.0
#include "api/discovery/endpoint_slice.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

TableRow print_slice(const api::EndpointSlice& one, TimePoint now) {
  ShortList ports, addresses;
  for (const api::EndpointSlicePort& port : one.ports)
    ports.add(port.port ? std::to_string(*port.port) : port.name.value_or("*"));
  for (const api::Endpoint& endpoint : one.endpoints)
    for (const std::string& address : endpoint.addresses) addresses.add(address);
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.addressType);
  cells.text(ports.finish("<unset>"));
  cells.text(addresses.finish("<unset>"));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> discovery_tables() {
  return {table_of<api::EndpointSlice, print_slice>(
      {name_column(), column("AddressType"), column("Ports"), column("Endpoints"), age_column()})};
}

}  // namespace skiff::printers
