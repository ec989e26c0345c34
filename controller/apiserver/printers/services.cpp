// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "api/core/endpoints.h"
#include "api/core/service.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string load_balancer_addresses(const api::Service& service) {
  std::set<std::string> addresses;
  for (const auto& one : service.status.loadBalancer.ingress)
    if (const auto& address = one.ip.empty() ? one.hostname : one.ip; !address.empty())
      addresses.insert(address);
  return fmt::format("{}", fmt::join(addresses, ","));
}

std::string external_ip(const api::Service& service) {
  const api::ServiceSpec& spec = service.spec;
  if (spec.type == "ExternalName") return spec.externalName;
  std::string out;
  if (spec.type == "LoadBalancer") out = load_balancer_addresses(service);
  if (!spec.externalIPs.empty()) out += (out.empty() ? "" : ",") + join(spec.externalIPs);
  if (!out.empty()) return out;
  return spec.type == "LoadBalancer" ? "<pending>" : std::string(kNone);
}

// `80/TCP,443:30443/TCP`.
std::string ports_text(const api::Service& service) {
  std::vector<std::string> parts;
  for (const api::ServicePort& port : service.spec.ports)
    parts.push_back(port.nodePort > 0
                        ? fmt::format("{}:{}/{}", port.port, port.nodePort, port.protocol)
                        : fmt::format("{}/{}", port.port, port.protocol));
  return parts.empty() ? std::string(kNone) : join(parts);
}

TableRow print_service(const api::Service& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.type);
  cells.text(one.spec.clusterIPs.empty() ? kNone : text_or(one.spec.clusterIPs.front(), kNone));
  cells.text(external_ip(one));
  cells.text(ports_text(one));
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(labels_text(one.spec.selector));
  return {.cells = std::move(cells).finish()};
}

// Brackets around an IPv6 address, so that its port can be told from it.
std::string host_port(const std::string& address, int32_t port) {
  return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                : fmt::format("[{}]:{}", address, port);
}

TableRow print_endpoints(const api::Endpoints& one, TimePoint now) {
  ShortList list;
  for (const api::EndpointSubset& subset : one.subsets) {
    if (subset.ports.empty())  // a headless Service may have none
      for (const auto& address : subset.addresses) list.add(address.ip);
    for (const api::EndpointPort& port : subset.ports)
      for (const auto& address : subset.addresses) list.add(host_port(address.ip, port.port));
  }
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(list.finish(one.subsets.empty() ? kNone : ""));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> service_tables() {
  return {table_of<api::Service, print_service>(
              {name_column(), column("Type"), column("Cluster-IP"), column("External-IP"),
               column("Port(s)"), age_column(), wide_column("Selector")}),
          table_of<api::Endpoints, print_endpoints>(
              {name_column(), column("Endpoints"), age_column()})};
}

}  // namespace skiff::printers
