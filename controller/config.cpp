// SPDX-License-Identifier: Apache-2.0
#include "controller/config.h"

#include <charconv>

#include "base/command_line.h"

namespace skiff::controller {
namespace {

// The flags as text, before they are read.
struct Texts {
  std::vector<std::string> listen = {"127.0.0.1:6443"};
  std::vector<std::string> advertise = {"127.0.0.1"};
  std::vector<std::string> service_cidrs = {"10.96.0.0/16"};
  std::vector<std::string> cluster_cidrs = {"10.244.0.0/16"};
  std::vector<std::string> nodes;
  std::string node_port_range = kNodePorts.to_string();
};

Result<Listen> parse_listen(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    return invalid_argument("--listen \"{}\": want ADDRESS:PORT", text);
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Listen listen;
  ASSIGN_OR_RETURN(listen.address, IpAddress::parse(host), "--listen");
  const auto [end, error] =
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), listen.port);
  if (error != std::errc() || end != text.data() + text.size())
    return invalid_argument("--listen \"{}\": \"{}\" is not a port", text, text.substr(colon + 1));
  return listen;
}

// `node-1` or `node-1=10.89.0.2+fd00:10:89::2`.
Result<auth::NodeIdentity> parse_node(const std::string& text) {
  auth::NodeIdentity node;
  const size_t equals = text.find('=');
  node.name = text.substr(0, equals);
  if (node.name.empty())
    return invalid_argument("--nodes \"{}\": want NAME[=ADDRESS[+ADDRESS]]", text);
  std::string_view rest =
      equals == std::string::npos ? "" : std::string_view(text).substr(equals + 1);
  while (!rest.empty()) {
    const size_t plus = rest.find('+');
    ASSIGN_OR_RETURN(const IpAddress address, IpAddress::parse(rest.substr(0, plus)), "--nodes");
    node.addresses.push_back(address);
    rest = plus == std::string_view::npos ? "" : rest.substr(plus + 1);
  }
  return node;
}

template <class T, class Parse>
Status parse_all(const std::vector<std::string>& texts, const char* flag, std::vector<T>& into,
                 Parse parse) {
  for (const std::string& text : texts) {
    auto value = parse(text);
    if (!value.ok()) return annotate(value.status(), flag);
    into.push_back(*std::move(value));
  }
  return absl::OkStatus();
}

Status read_texts(const Texts& texts, Config& config) {
  for (const std::string& text : texts.listen) {
    ASSIGN_OR_RETURN(const Listen listen, parse_listen(text));
    config.listen.push_back(listen);
  }
  for (const std::string& text : texts.nodes) {
    ASSIGN_OR_RETURN(auth::NodeIdentity node, parse_node(text));
    config.nodes.push_back(std::move(node));
  }
  const auto address = [](const std::string& text) { return IpAddress::parse(text); };
  const auto range = [](const std::string& text) { return Cidr::parse(text); };
  RETURN_IF_ERROR(parse_all(texts.advertise, "--advertise-address", config.advertise, address));
  RETURN_IF_ERROR(parse_all(texts.service_cidrs, "--service-cidrs", config.service_ranges, range));
  RETURN_IF_ERROR(parse_all(texts.cluster_cidrs, "--cluster-cidrs", config.cluster_ranges, range));
  ASSIGN_OR_RETURN(config.node_ports, PortRange::parse(texts.node_port_range),
                   "--service-node-port-range");
  if (!config.nodes.empty() && config.node_kubeconfig_dir.empty())
    return invalid_argument(
        "--nodes needs --node-kubeconfig-dir: where shall their kubeconfigs go?");
  return absl::OkStatus();
}

}  // namespace

Result<Config> parse_command_line(int argc, char** argv, std::string& help) {
  Config config;
  Texts texts;
  CLI::App app{"skiff-controller: API server, scheduler and controllers of a skiff cluster"};
  app.add_option("--data-dir", config.data_dir, "where the store and the certificates are kept")
      ->capture_default_str();
  app.add_option("--listen", texts.listen, "ADDRESS:PORT to serve the API on")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--advertise-address", texts.advertise,
                 "addresses by which nodes and pods reach the API")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--service-cidrs", texts.service_cidrs, "ranges of ClusterIPs")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--cluster-cidrs", texts.cluster_cidrs, "ranges of pod addresses")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--service-node-port-range", texts.node_port_range, "ports of NodePorts")
      ->capture_default_str();
  add_seconds(app, "--node-monitor-grace-period", config.node_monitor_grace_period,
              "how long a node may not renew its lease before it is Unknown (8s, 1m)");
  app.add_option("--admin-kubeconfig", config.admin_kubeconfig,
                 "write the administrator's kubeconfig here");
  app.add_option("--node-kubeconfig-dir", config.node_kubeconfig_dir,
                 "write the kubeconfigs of --nodes here");
  app.add_option("--nodes", texts.nodes, "NAME[=ADDRESS[+ADDRESS]] of nodes to make identities for")
      ->delimiter(',');
  app.add_option("--log-level", config.log_level, "trace, debug, info, warn, error")
      ->capture_default_str();
  RETURN_IF_ERROR(parse_flags(app, argc, argv, help));
  if (!help.empty()) return config;
  RETURN_IF_ERROR(read_texts(texts, config));
  return config;
}

}  // namespace skiff::controller
