// SPDX-License-Identifier: Apache-2.0
#include "api/networking/ingress.h"
#include "api/networking/network_policy.h"
#include "api/networking/service_cidr.h"
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

TableRow print_ingress(const api::Ingress& one, TimePoint now) {
  ShortList hosts;
  for (const api::IngressRule& rule : one.spec.rules)
    if (!rule.host.empty()) hosts.add(rule.host);
  std::vector<std::string> addresses;
  for (const api::IngressLoadBalancerIngress& ingress : one.status.loadBalancer.ingress)
    addresses.push_back(ingress.ip.empty() ? ingress.hostname : ingress.ip);
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.ingressClassName.value_or(std::string(kNone)));
  cells.text(hosts.finish("*"));
  cells.text(join(addresses));
  cells.text(one.spec.tls.empty() ? "80" : "80, 443");
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

// `resource.group/namespace/name`, without what is empty.
std::string place_text(std::string text, const std::string& group, const std::string& space,
                       const std::string& name) {
  if (!group.empty()) text += "." + group;
  if (!space.empty()) text += "/" + space;
  return text + "/" + name;
}

TableRow print_ingress_class(const api::IngressClass& one, TimePoint now) {
  const auto& parameters = one.spec.parameters;
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.controller);
  cells.text(parameters ? place_text(parameters->kind, parameters->apiGroup.value_or(""), "",
                                     parameters->name)
                        : std::string(kNone));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_service_cidr(const api::ServiceCIDR& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(join(one.spec.cidrs));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_address(const api::IPAddress& one, TimePoint now) {
  const api::ParentReference& parent = one.spec.parentRef;
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(place_text(parent.resource, parent.group, parent.namespace_, parent.name));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> networking_tables() {
  return {
      table_of<api::NetworkPolicy, print_network_policy>(
          {name_column(), column("Pod-Selector"), age_column()}),
      table_of<api::Ingress, print_ingress>({name_column(), column("Class"), column("Hosts"),
                                             column("Address"), column("Ports"), age_column()}),
      table_of<api::IngressClass, print_ingress_class>(
          {name_column(), column("Controller"), column("Parameters"), age_column()}),
      table_of<api::ServiceCIDR, print_service_cidr>(
          {name_column(), column("CIDRs"), age_column()}),
      table_of<api::IPAddress, print_address>({name_column(), column("ParentRef"), age_column()})};
}

}  // namespace skiff::printers
