// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "api/codec.h"
#include "api/core/rules.h"
#include "api/names.h"
#include "api/text.h"
#include "base/ip.h"

namespace skiff::api::rules {
namespace {

constexpr std::string_view kIpRule =
    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

void ip(const std::string& text, FieldErrors& errors) {
  if (!IpAddress::parse(text).ok()) errors.invalid(text, kIpRule);
}

bool is_headless(const ServiceSpec& spec) {
  return spec.clusterIP == "None";
}

bool is_external(const ServiceSpec& spec) {
  return is_one_of(spec.type, "NodePort,LoadBalancer") || !spec.externalIPs.empty();
}

void ports(const ServiceSpec& spec, FieldErrors& errors) {
  if (spec.ports.empty() && !is_headless(spec) && spec.type != "ExternalName") {
    const auto field = errors.at("ports");
    errors.required();
  }
  std::set<std::string> names, numbers, node_ports;
  each(errors, "ports", spec.ports, [&](const ServicePort& port) {
    {
      const auto field = errors.at("name");
      if (port.name.empty() && spec.ports.size() > 1)
        errors.required();
      else if (!port.name.empty() && !names.insert(port.name).second)
        errors.duplicate(port.name);
      if (!port.name.empty()) errors.unless_empty(port.name, check_dns1123_label(port.name));
    }
    {
      const auto field = errors.at("targetPort");
      if (port.targetPort.is_string())
        errors.unless_empty(port.targetPort.text, check_port_name(port.targetPort.text));
      else if (port.targetPort.number < 1 || port.targetPort.number > 65535)
        errors.invalid(port.targetPort.number, "must be between 1 and 65535, inclusive");
    }
    if (port.nodePort != 0) {
      const auto field = errors.at("nodePort");
      if (is_one_of(spec.type, "ClusterIP,ExternalName"))
        errors.forbidden(fmt::format("may not be used when `type` is '{}'", spec.type));
      else if (!node_ports.insert(fmt::format("{}/{}", port.protocol, port.nodePort)).second)
        errors.duplicate_json(std::to_string(port.nodePort));
    }
    if (!numbers.insert(fmt::format("{}/{}", port.protocol, port.port)).second)
      errors.duplicate_json(
          fmt::format(R"({{"protocol":"{}","port":{}}})", port.protocol, port.port));
  });
}

void cluster_ips(const ServiceSpec& spec, FieldErrors& errors) {
  if (spec.type == "ExternalName") {
    const auto field = errors.at("clusterIPs");
    if (!spec.clusterIP.empty() || !spec.clusterIPs.empty())
      errors.forbidden("may not be set for ExternalName services");
    return;
  }
  if (is_headless(spec) && is_one_of(spec.type, "NodePort,LoadBalancer")) {
    const auto field = errors.at("clusterIPs");
    const auto first = errors.at(size_t{0});
    errors.invalid("None", fmt::format("may not be set to 'None' for {} services", spec.type));
  }
  each(errors, "clusterIPs", spec.clusterIPs, [&](const std::string& address) {
    if (address == "None") {
      if (spec.clusterIPs.size() > 1)
        errors.invalid(address, "'None' must be the first and only value");
      return;
    }
    ip(address, errors);
  });
  if (spec.clusterIPs.empty() && !spec.clusterIP.empty() && !is_headless(spec)) {
    const auto field = errors.at("clusterIP");
    ip(spec.clusterIP, errors);
  }
  if (!spec.clusterIPs.empty() && spec.clusterIPs[0] != spec.clusterIP) {
    const auto field = errors.at("clusterIPs");
    const auto first = errors.at(size_t{0});
    errors.invalid(spec.clusterIPs[0], "must match `clusterIP`");
  }
}

}  // namespace

void service_spec(const ServiceSpec& spec, FieldErrors& errors) {
  ports(spec, errors);
  {
    const auto field = errors.at("selector");
    labels(spec.selector, errors);
  }
  cluster_ips(spec, errors);
  each(errors, "externalIPs", spec.externalIPs,
       [&](const std::string& address) { ip(address, errors); });
  if (spec.type == "ExternalName") {
    const auto field = errors.at("externalName");
    if (spec.externalName.empty())
      errors.required();
    else
      errors.unless_empty(
          spec.externalName,
          check_dns1123_subdomain(
              spec.externalName.ends_with('.')
                  ? std::string_view(spec.externalName).substr(0, spec.externalName.size() - 1)
                  : spec.externalName));
  }
  if (!spec.externalTrafficPolicy.empty() && !is_external(spec)) {
    const auto field = errors.at("externalTrafficPolicy");
    errors.invalid(spec.externalTrafficPolicy,
                   "may only be set for externally-accessible services");
  }
  if (spec.allocateLoadBalancerNodePorts && spec.type != "LoadBalancer") {
    const auto field = errors.at("allocateLoadBalancerNodePorts");
    errors.forbidden("may only be used when `type` is 'LoadBalancer'");
  }
  if (spec.loadBalancerClass && spec.type != "LoadBalancer") {
    const auto field = errors.at("loadBalancerClass");
    errors.forbidden("may only be used when `type` is 'LoadBalancer'");
  }
}

void service_update(const Service& service, const Service& old, FieldErrors& errors) {
  const auto spec = errors.at("spec");
  const bool had = !old.spec.clusterIP.empty() && old.spec.type != "ExternalName";
  if (had && service.spec.type != "ExternalName" && service.spec.clusterIP != old.spec.clusterIP) {
    const auto field = errors.at("clusterIPs");
    const auto first = errors.at(size_t{0});
    errors.invalid(service.spec.clusterIP, "may not change once set");
  }
}

void endpoint_address(const EndpointAddress& address, FieldErrors& errors) {
  const auto field = errors.at("ip");
  if (address.ip.empty()) return;
  const auto parsed = IpAddress::parse(address.ip);
  if (!parsed.ok())
    errors.invalid(address.ip, kIpRule);
  else if (parsed->is_loopback())
    errors.invalid(address.ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  else if (parsed->is_unspecified())
    errors.invalid(address.ip, "may not be unspecified (0.0.0.0 or ::)");
}

}  // namespace skiff::api::rules
