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
  app.add_option("--load-balancer-mode", load_balancer_mode_,
                 "clients outside reach pods of other nodes behind the address of the node they "
                 "ask (snat), or keep their own and are answered by the pod's node (dsr), which "
                 "the network between must let send with the asked node's address")
      ->check(CLI::IsMember({"snat", "dsr"}))
      ->capture_default_str();
  add_acceleration(app);
}

void ServiceFlags::add_acceleration(CLI::App& app) {
  app.add_option("--node-port-acceleration", node_port_acceleration_,
                 "packets of NodePort connections to pods of other nodes turn round in the "
                 "uplink's driver (native XDP) where that takes the program, or in the kernel's "
                 "tc hook as everything else (off)")
      ->check(CLI::IsMember({"off", "native"}))
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
  config.node_port_xdp = node_port_acceleration_ == "native";
  config.direct_answers = load_balancer_mode_ == "dsr";
  return check_ways(config);
}

// Both need a network of our own: its overlay, its uplink.
Status ServiceFlags::check_ways(const Config& config) {
  const bool ours = config.has(Role::kNetwork);
  if (config.direct_answers && (!ours || config.overlay == "never"))
    return invalid_argument(
        "--load-balancer-mode dsr: want role network with --overlay auto or always, which carries "
        "the packets");
  if (config.node_port_xdp && !ours)
    return invalid_argument(
        "--node-port-acceleration native: want role network, whose uplink it is for");
  return absl::OkStatus();
}

}  // namespace skiff::agent
