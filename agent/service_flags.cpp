// SPDX-License-Identifier: Apache-2.0
#include "agent/service_flags.h"

namespace skiff::agent {

void ServiceFlags::add_to(CLI::App& app) {
  app.add_option("--service-node-port-range", node_port_range_,
                 "ports of NodePorts, the same as the API server's")
      ->capture_default_str();
  app.add_option("--nodeport-addresses", node_port_addresses_,
                 "where NodePorts are served: primary (the node's own addresses and loopback), or "
                 "ranges of addresses")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--snat-port-range", snat_port_range_,
                 "source ports of what is masqueraded; kept from the node's own sockets")
      ->capture_default_str();
  app.add_option("--socket-lb-handlers", socket_lb_handlers_,
                 "handlers of RuntimeClasses whose pods are balanced at their sockets, besides the "
                 "runtime's default; the packets of all others are, one by one")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--non-masquerade-cidrs", non_masquerade_cidrs_,
                 "ranges that pods reach with their own address, besides --cluster-cidrs")
      ->delimiter(',');
  app.add_option(
         "--policy-deny-response", policy_deny_response_,
         "what a NetworkPolicy denies is dropped, or answered with a reset or an ICMP error "
         "(reject)")
      ->check(CLI::IsMember({"drop", "reject"}))
      ->capture_default_str();
}

Status ServiceFlags::read_into(Config& config) const {
  for (const std::string& text : non_masquerade_cidrs_) {
    ASSIGN_OR_RETURN(const Cidr range, Cidr::parse(text), "--non-masquerade-cidrs");
    config.non_masquerade_ranges.push_back(range);
  }
  ASSIGN_OR_RETURN(config.node_ports, PortRange::parse(node_port_range_),
                   "--service-node-port-range");
  ASSIGN_OR_RETURN(config.snat_ports, PortRange::parse(snat_port_range_), "--snat-port-range");
  if (config.snat_ports.overlaps(config.node_ports))
    return invalid_argument(
        "--snat-port-range {} overlaps --service-node-port-range {}: a NodePort must never be the "
        "source of what is masqueraded",
        snat_port_range_, node_port_range_);
  ASSIGN_OR_RETURN(config.node_port_addresses,
                   proxy::NodePortAddresses::parse(node_port_addresses_), "--nodeport-addresses");
  config.socket_lb_handlers = {socket_lb_handlers_.begin(), socket_lb_handlers_.end()};
  config.policy_rejects = policy_deny_response_ == "reject";
  return absl::OkStatus();
}

}  // namespace skiff::agent
