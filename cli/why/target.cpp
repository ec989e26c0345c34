// SPDX-License-Identifier: Apache-2.0
#include "cli/why/target.h"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace skiff::cli {
namespace {

// Cuts `text` at the last `separator`; the second half is empty if there is none.
std::pair<std::string_view, std::string_view> cut_last(std::string_view text, char separator) {
  const size_t at = text.rfind(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

Status take_protocol(std::string_view& text, Target& target) {
  const auto [rest, last] = cut_last(text, '/');
  const std::string protocol = upper(last);
  if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") return {};
  if (rest.empty()) return invalid_argument("target \"{}\": nothing before the protocol", text);
  target.protocol = protocol;
  target.protocol_given = true;
  text = rest;
  return {};
}

// "[fd00::1]:80", "10.0.0.1:80", "fd00::1".
bool take_address(std::string_view text, Target& target) {
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
    if (!port.empty()) port.remove_prefix(1);
  } else if (std::ranges::count(text, ':') == 1) {
    std::tie(host, port) = cut_last(text, ':');
  }
  const auto ip = IpAddress::parse(host);
  if (!ip.ok()) return false;
  target.address = *ip;
  target.port = port;
  return true;
}

void take_dns_name(std::string_view name, Target& target) {
  const size_t dot = name.find('.');
  target.service = name.substr(0, dot);
  if (dot == std::string_view::npos) return;
  std::string_view rest = name.substr(dot + 1);
  target.namespace_ = rest.substr(0, rest.find('.'));
}

// Of digits alone it is a number, and of a port.
Status check_port(std::string_view port) {
  if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos) return {};
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error == std::errc() && number != 0) return {};
  return invalid_argument("port {}: a number from 1 to 65535, or a name", port);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '_';
  });
}

const api::ServicePort* find_port(const api::Service& service, const Target& target) {
  for (const api::ServicePort& port : service.spec.ports) {
    if (target.protocol_given && port.protocol != target.protocol) continue;
    if (target.port.empty() || port.name == target.port || std::to_string(port.port) == target.port)
      return &port;
  }
  return nullptr;
}

template <class Addresses, class Text>
std::optional<IpAddress> choose(const Addresses& addresses, Text text, bool v4) {
  std::optional<IpAddress> any;
  for (const auto& one : addresses) {
    const auto ip = IpAddress::parse(text(one));
    if (!ip.ok()) continue;  // "None"
    if (ip->is_v4() == v4) return *ip;
    if (!any) any = *ip;
  }
  return any;
}

bool owns(const api::Service& service, const IpAddress& address) {
  const auto same = [&](const std::string& text) {
    const auto ip = IpAddress::parse(text);
    return ip.ok() && *ip == address;
  };
  if (std::ranges::any_of(service.spec.clusterIPs, same)) return true;
  if (std::ranges::any_of(service.spec.externalIPs, same)) return true;
  return std::ranges::any_of(service.status.loadBalancer.ingress,
                             [&](const auto& ingress) { return same(ingress.ip); });
}

uint16_t number_of(std::string_view text) {
  uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

void use_service(const api::Service& service, const Target& target, const IpAddress& source,
                 Destination& found) {
  found.service = &service;
  found.service_port = find_port(service, target);
  found.port =
      found.service_port ? static_cast<uint16_t>(found.service_port->port) : number_of(target.port);
  if (found.service_port) found.protocol = found.service_port->protocol;
  if (target.address) return;
  const auto ip =
      choose(service.spec.clusterIPs, [](const std::string& text) { return text; }, source.is_v4());
  if (ip) found.address = *ip;
}

void use_pod(const api::Pod& pod, const Target& target, const IpAddress& source,
             Destination& found) {
  found.pod = &pod;
  found.port = number_of(target.port);
  for (const api::Container& container : pod.spec.containers)
    for (const api::ContainerPort& port : container.ports)
      if (found.port == 0 && (target.port.empty() || port.name == target.port))
        found.port = static_cast<uint16_t>(port.containerPort);
  if (target.address) return;
  const auto ip =
      choose(pod.status.podIPs, [](const api::PodIP& one) { return one.ip; }, source.is_v4());
  if (ip) found.address = *ip;
}

bool has_address(const api::Pod& pod, const IpAddress& address) {
  return std::ranges::any_of(pod.status.podIPs, [&](const api::PodIP& one) {
    const auto ip = IpAddress::parse(one.ip);
    return ip.ok() && *ip == address;
  });
}

}  // namespace

std::optional<std::pair<IpAddress, uint16_t>> parse_end(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto ip = IpAddress::parse(host);
  if (!ip.ok()) return std::nullopt;
  return std::pair(*ip, number_of(text.substr(colon + 1)));
}

uint8_t protocol_number(std::string_view protocol) {
  if (protocol == "UDP") return IPPROTO_UDP;
  return protocol == "SCTP" ? IPPROTO_SCTP : IPPROTO_TCP;
}

Result<Target> parse_target(std::string_view text, const std::string& default_namespace) {
  Target target;
  target.text = text;
  target.namespace_ = default_namespace;
  std::string_view rest = text;
  RETURN_IF_ERROR(take_protocol(rest, target));
  if (take_address(rest, target)) {
    RETURN_IF_ERROR(check_port(target.port), "target \"{}\"", text);
    if (target.address->is_loopback())
      return invalid_argument("target \"{}\": is the pod itself; no packet leaves it", text);
    return target;
  }
  std::string_view name = rest;
  if (rest.find(':') != std::string_view::npos) {
    const auto [host, port] = cut_last(rest, ':');
    name = host;
    target.port = port;
    if (!is_name(target.port))
      return invalid_argument("target \"{}\": \"{}\" is no port number or name", text, port);
    RETURN_IF_ERROR(check_port(target.port), "target \"{}\"", text);
  }
  const bool pod = name.starts_with("pod/");
  if (pod) name.remove_prefix(4);
  if (name.starts_with("svc/")) name.remove_prefix(4);
  std::string own;
  std::tie(target.namespace_, own) = parse_name(name, default_namespace);
  if (!is_name(own) || !is_name(target.namespace_))
    return invalid_argument(
        "target \"{}\": want NAME, NAMESPACE/NAME, NAME.NAMESPACE, pod/NAME or an address, then "
        ":PORT",
        text);
  if (own.find_first_not_of("0123456789.") == std::string::npos)
    return invalid_argument("target \"{}\": \"{}\" is no IP address", text, own);
  if (pod) {
    target.pod = own;
  } else {
    take_dns_name(own, target);
  }
  return target;
}

Destination find_destination(const Target& target, const std::vector<api::Service>& services,
                             const std::vector<api::Pod>& pods, const IpAddress& source) {
  Destination found;
  found.protocol = target.protocol;
  found.port = number_of(target.port);
  if (target.address) found.address = *target.address;
  for (const api::Service& service : services) {
    const bool named = !target.service.empty() && service.metadata.name == target.service &&
                       service.metadata.namespace_ == target.namespace_;
    if (named || (target.address && owns(service, *target.address)))
      use_service(service, target, source, found);
  }
  if (found.service != nullptr) return found;
  for (const api::Pod& pod : pods) {
    const bool named = !target.pod.empty() && pod.metadata.name == target.pod &&
                       pod.metadata.namespace_ == target.namespace_;
    const bool host = pod.spec.hostNetwork && !named;
    if (named || (target.address && !host && has_address(pod, *target.address)))
      use_pod(pod, target, source, found);
  }
  return found;
}

std::optional<std::pair<IpAddress, uint16_t>> outside_of(const Target& target,
                                                         const Destination& to,
                                                         const api::Node* node, bool v4) {
  const auto as_it_is = [](const std::string& text) { return text; };
  const bool in_cluster =
      to.pod != nullptr ||
      (to.service != nullptr && std::ranges::any_of(to.service->spec.clusterIPs, [&](auto& text) {
         return to.address.to_string() == text;
       }));
  if (target.address && !in_cluster) return std::pair(to.address, to.port);
  if (to.service == nullptr || to.service_port == nullptr) return std::nullopt;
  auto address =
      choose(to.service->status.loadBalancer.ingress, [](const auto& one) { return one.ip; }, v4);
  if (!address) address = choose(to.service->spec.externalIPs, as_it_is, v4);
  if (address) return std::pair(*address, to.port);
  if (to.service_port->nodePort == 0 || node == nullptr) return std::nullopt;
  address =
      choose(node->status.addresses, [](const api::NodeAddress& one) { return one.address; }, v4);
  if (!address) return std::nullopt;
  return std::pair(*address, static_cast<uint16_t>(to.service_port->nodePort));
}

}  // namespace skiff::cli
