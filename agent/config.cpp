// SPDX-License-Identifier: Apache-2.0
#include "agent/config.h"

#include <unistd.h>

#include "agent/service_flags.h"
#include "base/command_line.h"

namespace skiff::agent {
namespace {

struct Texts {
  std::vector<std::string> node_ips;
  std::vector<std::string> cluster_dns = {"10.96.0.10"};
  std::vector<std::string> service_cidrs = {"10.96.0.0/16", "fd00:10:96::/112"};
  std::vector<std::string> cluster_cidrs = {"10.244.0.0/16", "fd00:10:244::/56"};
  std::vector<std::string> roles = {"kubelet", "proxy", "network", "policy", "dns", "trace"};
  std::string container_runtime = "unix:///run/containerd/containerd.sock";
};

Result<Role> parse_role(const std::string& text) {
  static const std::map<std::string, Role> kRoles = {
      {"kubelet", Role::kKubelet}, {"proxy", Role::kProxy}, {"network", Role::kNetwork},
      {"policy", Role::kPolicy},   {"dns", Role::kDns},     {"trace", Role::kTrace}};
  const auto it = kRoles.find(text);
  if (it == kRoles.end())
    return invalid_argument(
        "--roles: \"{}\" is not one of kubelet, proxy, network, policy, dns, trace", text);
  return it->second;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

Status read_texts(const Texts& texts, Config& config) {
  for (const std::string& text : texts.node_ips) {
    ASSIGN_OR_RETURN(const IpAddress address, IpAddress::parse(text), "--node-ip");
    config.node_ips.push_back(address);
  }
  for (const std::string& text : texts.cluster_dns) {
    ASSIGN_OR_RETURN(const IpAddress address, IpAddress::parse(text), "--cluster-dns");
    config.cluster_dns.push_back(address);
  }
  for (const std::string& text : texts.service_cidrs) {
    ASSIGN_OR_RETURN(const Cidr range, Cidr::parse(text), "--service-cidrs");
    config.service_ranges.push_back(range);
  }
  for (const std::string& text : texts.cluster_cidrs) {
    ASSIGN_OR_RETURN(const Cidr range, Cidr::parse(text), "--cluster-cidrs");
    config.cluster_ranges.push_back(range);
  }
  for (const std::string& text : texts.roles) {
    ASSIGN_OR_RETURN(const Role role, parse_role(text));
    config.roles.insert(role);
  }
  if (config.has(Role::kPolicy) && !config.has(Role::kNetwork))
    return invalid_argument("--roles: policy needs network, whose pods it is about");
  constexpr std::string_view kUnix = "unix://";
  if (!texts.container_runtime.starts_with(kUnix))
    return invalid_argument("--container-runtime \"{}\": want unix:///PATH",
                            texts.container_runtime);
  config.container_runtime = texts.container_runtime.substr(kUnix.size());
  if (config.node_ips.empty())
    return invalid_argument("--node-ip is missing: want the address other nodes reach this one by");
  if (config.node_name.empty()) config.node_name = host_name();
  if (config.node_name.empty())
    return invalid_argument("--node-name is missing, and this machine has no host name");
  return absl::OkStatus();
}

void complete_tls_files(Config& config) {
  const std::filesystem::path beside = config.kubeconfig.parent_path();
  if (config.tls_cert_file.empty())
    config.tls_cert_file = beside / (config.node_name + "-serving.crt");
  if (config.tls_private_key_file.empty())
    config.tls_private_key_file = beside / (config.node_name + "-serving.key");
  if (config.client_ca_file.empty()) config.client_ca_file = beside / "ca.crt";
}

}  // namespace

Result<Config> parse_command_line(int argc, char** argv, std::string& help) {
  Config config;
  Texts texts;
  ServiceFlags services;
  CLI::App app{
      "skiff-agent: kubelet, service proxy, pod network, cluster DNS and packet tracer of one "
      "node"};
  app.add_option("--node-name", config.node_name, "this node's name (default: the host name)");
  app.add_option("--kubeconfig", config.kubeconfig,
                 "how to reach the API server (default: the pod's service account)");
  app.add_option("--api-server", config.api_server,
                 "[https://]HOST[:PORT] to reach with the pod's service account (default: "
                 "KUBERNETES_SERVICE_HOST, which needs somebody else to make Services work)");
  app.add_option("--node-ip", texts.node_ips, "this node's addresses, one a family")
      ->delimiter(',');
  add_seconds(app, "--node-lease-duration", config.node_lease_duration,
              "of the lease by which this node shows that it lives; renewed four times in it (8s, "
              "1m): the controller's --node-monitor-grace-period has to be longer than a quarter");
  app.add_option("--container-runtime", texts.container_runtime, "CRI socket")
      ->capture_default_str();
  app.add_option("--data-dir", config.data_dir, "what must survive a reboot")
      ->capture_default_str();
  app.add_option("--run-dir", config.run_dir, "sockets")->capture_default_str();
  app.add_option("--cni-conf-dir", config.cni_conf_dir,
                 "where the runtime reads CNI configurations")
      ->capture_default_str();
  app.add_option("--cgroup-root", config.cgroup_root,
                 "cgroup below which pods go, in every hierarchy")
      ->capture_default_str();
  app.add_option("--bpf-dir", config.bpf_dir, "where eBPF maps and links are pinned")
      ->capture_default_str();
  app.add_option("--cluster-dns", texts.cluster_dns, "addresses of the cluster DNS")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--cluster-domain", config.cluster_domain, "domain of the cluster's names")
      ->capture_default_str();
  app.add_option("--service-cidrs", texts.service_cidrs, "ranges of ClusterIPs")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--cluster-cidrs", texts.cluster_cidrs, "ranges of pod addresses")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--uplink", config.uplink,
                 "device to the other nodes (default: the default route's)");
  app.add_option("--overlay", config.overlay,
                 "VXLAN to nodes on other segments (auto), to all nodes (always), or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_flag(
      "--image-pull-fallback", config.image_pull_fallback,
      "a present image satisfies imagePullPolicy Always (for clusters without a registry)");
  app.add_flag("--hubble", config.hubble,
               "serve Hubble's observer API at RUN_DIR/hubble.sock and port 4244 (costs 10 MB)");
  app.add_option("--metrics-labels", config.metrics_labels,
                 "labels of hubble_* metrics that say whose flows they count: source_ or "
                 "destination_, then namespace, pod, workload, workload_kind, app or ip (each "
                 "multiplies the series)")
      ->delimiter(',');
  app.add_option(
      "--hubble-tls-dir", config.hubble_tls_dir,
      "tls.crt, tls.key and ca.crt of port 4244 without role kubelet: whoever ca.crt has "
      "signed is let in");
  app.add_option("--roles", texts.roles, "what this agent does")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--tls-cert-file", config.tls_cert_file, "serving certificate of the node's API");
  app.add_option("--tls-private-key-file", config.tls_private_key_file, "its key");
  app.add_option("--client-ca-file", config.client_ca_file, "CA of clients of the node's API");
  app.add_option("--port", config.port, "port of the node's API")->capture_default_str();
  app.add_option("--server-port", config.server_port,
                 "port of the node's API without role kubelet, for tokens of the audience "
                 "skiff-agent; 0: none")
      ->capture_default_str();
  app.add_option("--healthz-bind-address", config.healthz_bind_address,
                 "where kube-proxy's /healthz and /livez are; empty: nowhere")
      ->capture_default_str();
  app.add_option("--metrics-bind-address", config.metrics_bind_address,
                 "where kube-proxy's /metrics is; empty: nowhere")
      ->capture_default_str();
  app.add_flag("--take-over", config.take_over,
               "remove kube-proxy's rules once Services are served, without ending connections");
  services.add_to(app);
  app.add_option("--log-level", config.log_level, "trace, debug, info, warn, error")
      ->capture_default_str();
  RETURN_IF_ERROR(parse_flags(app, argc, argv, help));
  if (!help.empty()) return config;
  RETURN_IF_ERROR(read_texts(texts, config));
  RETURN_IF_ERROR(services.read_into(config));
  complete_tls_files(config);
  return config;
}

}  // namespace skiff::agent
