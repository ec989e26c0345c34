// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/names.h"

#include "agent/trace/record.h"
#include "cli/objects.h"

namespace skiff::cli {

ClusterNames::ClusterNames(const ClusterObjects& objects, std::string default_namespace)
    : default_namespace_(std::move(default_namespace)) {
  for (const api::Node& node : objects.nodes)
    for (const api::NodeAddress& address : node.status.addresses)
      if (const auto ip = IpAddress::parse(address.address); ip.ok())
        names_[*ip] = {node.metadata.name, node.metadata.name + ".node"};
  for (const api::Pod& pod : objects.pods) {
    for (const api::PodIP& one : pod.status.podIPs) {
      const auto ip = IpAddress::parse(one.ip);
      if (!ip.ok()) continue;
      pods_[full_name(pod.metadata)].push_back({*ip, 0});
      if (!pod.spec.hostNetwork)
        names_[*ip] = {full_name(pod.metadata),
                       pod.metadata.name + "." + pod.metadata.namespace_ + ".pod"};
    }
  }
  for (const api::Service& service : objects.services) {
    for (const std::string& text : service.spec.clusterIPs) {
      const auto ip = IpAddress::parse(text);
      if (!ip.ok()) continue;  // "None"
      names_[*ip] = {full_name(service.metadata),
                     service.metadata.name + "." + service.metadata.namespace_ + ".svc"};
      for (const api::ServicePort& port : service.spec.ports)
        services_[full_name(service.metadata)].push_back({*ip, static_cast<uint16_t>(port.port)});
    }
  }
}

std::string ClusterNames::of(const IpAddress& address) const {
  const auto found = names_.find(address);
  return found == names_.end() ? address.to_string() : found->second.name;
}

std::string ClusterNames::of(const IpAddress& address, uint16_t port) const {
  const auto found = names_.find(address);
  if (found != names_.end())
    return port == 0 ? found->second.name : fmt::format("{}:{}", found->second.name, port);
  return trace::describe(trace::Peer{.address = address, .port = port, .who = nullptr});
}

std::string ClusterNames::path(const skiff_tuple& tuple) const {
  return fmt::format(
      "{} -> {}", of(datapath::from_abi(tuple.source), datapath::port_of(tuple.source_port)),
      of(datapath::from_abi(tuple.destination), datapath::port_of(tuple.destination_port)));
}

std::vector<std::pair<IpAddress, std::string>> ClusterNames::dns_names() const {
  std::vector<std::pair<IpAddress, std::string>> all;
  for (const auto& [address, name] : names_) all.emplace_back(address, name.dns);
  return all;
}

Result<std::vector<trace::NamedEnd>> ClusterNames::ends(trace::Expression::Kind kind,
                                                        const std::string& name) const {
  const bool pod = kind == trace::Expression::Kind::kPod;
  const auto& known = pod ? pods_ : services_;
  const auto found = known.find(full(name));
  if (found == known.end())
    return not_found("there is no {} {} with an address", pod ? "pod" : "Service", full(name));
  return found->second;
}

std::string ClusterNames::full(const std::string& name) const {
  return name.find('/') == std::string::npos ? default_namespace_ + "/" + name : name;
}

bool ClusterNames::is_pod(const std::string& text) const {
  return pods_.contains(full(text));
}

Result<trace::Expression> ClusterNames::filter(const std::string& text) const {
  using trace::Expression;
  Expression expression;
  if (is_pod(text)) {
    expression.kind = Expression::Kind::kPod;
    expression.name = text;
  } else {
    ASSIGN_OR_RETURN(expression, trace::parse_expression(text));
  }
  return trace::resolve(expression, [this](Expression::Kind kind, const std::string& name) {
    return ends(kind, name);
  });
}

}  // namespace skiff::cli
