// SPDX-License-Identifier: Apache-2.0
// The variables of Docker links, which Kubernetes still sets: NAME_SERVICE_HOST,
// NAME_PORT_80_TCP_ADDR and their like.
#include "agent/kubelet/environment.h"

namespace skiff::kubelet {
namespace {

std::string variable_name(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

void add_service(const api::Service& service, std::map<std::string, std::string>& into) {
  const std::string name = variable_name(service.metadata.name);
  const std::string& ip = service.spec.clusterIP;
  const std::string host = ip.find(':') == std::string::npos ? ip : "[" + ip + "]";
  into[name + "_SERVICE_HOST"] = ip;
  bool first = true;
  for (const auto& port : service.spec.ports) {
    const std::string number = std::to_string(port.port);
    const std::string protocol = port.protocol.empty() ? "TCP" : port.protocol;
    const std::string url = lower(protocol) + "://" + host + ":" + number;
    if (std::exchange(first, false)) {
      into[name + "_SERVICE_PORT"] = number;
      into[name + "_PORT"] = url;
    }
    if (!port.name.empty()) into[name + "_SERVICE_PORT_" + variable_name(port.name)] = number;
    const std::string prefix = name + "_PORT_" + number + "_" + protocol;
    into[prefix] = url;
    into[prefix + "_PROTO"] = lower(protocol);
    into[prefix + "_PORT"] = number;
    into[prefix + "_ADDR"] = ip;
  }
}

}  // namespace

std::map<std::string, std::string> service_environment(const Services& services,
                                                       const std::string& namespace_, bool links) {
  std::map<std::string, std::string> variables;
  auto add_of = [&](const std::string& wanted, bool all) {
    for (const auto& service : services) {
      const bool has_ip = !service->spec.clusterIP.empty() && service->spec.clusterIP != "None";
      if (has_ip && service->metadata.namespace_ == wanted &&
          (all || service->metadata.name == "kubernetes"))
        add_service(*service, variables);
    }
  };
  add_of("default", false);
  if (links) add_of(namespace_, true);
  return variables;
}

}  // namespace skiff::kubelet
