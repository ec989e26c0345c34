// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/dns_config.h"

#include <fmt/ranges.h>

#include <sstream>

namespace skiff::kubelet {
namespace {

// The limits of the C library's resolver, as Kubernetes applies them.
constexpr size_t kMaxServers = 3;
constexpr size_t kMaxSearches = 32;
constexpr size_t kMaxSearchBytes = 2048;
constexpr size_t kMaxHostname = 63;

void add_unique(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

std::string option_name(const std::string& option) {
  return option.substr(0, option.find(':'));
}

runtime::DnsConfig limited(runtime::DnsConfig config) {
  if (config.servers.size() > kMaxServers) config.servers.resize(kMaxServers);
  if (config.searches.size() > kMaxSearches) config.searches.resize(kMaxSearches);
  size_t bytes = 0;
  for (size_t i = 0; i < config.searches.size(); ++i) {
    bytes += config.searches[i].size() + (i > 0 ? 1 : 0);
    if (bytes > kMaxSearchBytes) {
      config.searches.resize(i);
      break;
    }
  }
  return config;
}

runtime::DnsConfig wanted(const api::Pod& pod, const Options& options,
                          std::string_view host_resolv_conf) {
  const std::string& policy = pod.spec.dnsPolicy;
  runtime::DnsConfig config;
  if (policy != "None") config = parse_resolv_conf(host_resolv_conf);
  const bool cluster_first = policy.empty() || policy == "ClusterFirstWithHostNet" ||
                             (policy == "ClusterFirst" && !pod.spec.hostNetwork);
  if (cluster_first && !options.cluster_dns.empty()) {
    const std::string& domain = options.cluster_domain;
    std::vector<std::string> searches = {fmt::format("{}.svc.{}", pod.metadata.namespace_, domain),
                                         fmt::format("svc.{}", domain), domain};
    for (const auto& search : config.searches) add_unique(searches, search);
    config = {options.cluster_dns, std::move(searches), {"ndots:5"}};
  }
  if (pod.spec.dnsConfig) {
    for (const auto& server : pod.spec.dnsConfig->nameservers) add_unique(config.servers, server);
    for (const auto& search : pod.spec.dnsConfig->searches) add_unique(config.searches, search);
    for (const auto& option : pod.spec.dnsConfig->options) {
      std::erase_if(config.options,
                    [&](const std::string& o) { return option_name(o) == option.name; });
      config.options.push_back(
          option.value && !option.value->empty() ? option.name + ":" + *option.value : option.name);
    }
  }
  return config;
}

}  // namespace

runtime::DnsConfig parse_resolv_conf(std::string_view text) {
  runtime::DnsConfig config;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword;
    words >> keyword;
    if (keyword == "search") config.searches.clear();  // the last one counts
    for (std::string word; words >> word;) {
      if (keyword == "nameserver" && config.servers.size() < kMaxServers)
        config.servers.push_back(word);
      if (keyword == "search" && word != ".") config.searches.push_back(word);
      if (keyword == "options") config.options.push_back(word);
      if (keyword == "nameserver") break;
    }
  }
  return config;
}

runtime::DnsConfig dns_config(const api::Pod& pod, const Options& options,
                              std::string_view host_resolv_conf) {
  return limited(wanted(pod, options, host_resolv_conf));
}

std::vector<std::string> dns_omissions(const api::Pod& pod, const Options& options,
                                       std::string_view host_resolv_conf) {
  const runtime::DnsConfig whole = wanted(pod, options, host_resolv_conf);
  const runtime::DnsConfig applied = limited(whole);
  std::vector<std::string> messages;
  if (applied.servers.size() < whole.servers.size())
    messages.push_back(
        fmt::format("Nameserver limits were exceeded, some nameservers have been omitted, the "
                    "applied nameserver line is: {}",
                    fmt::join(applied.servers, " ")));
  if (applied.searches.size() < whole.searches.size())
    messages.push_back(
        fmt::format("Search Line limits were exceeded, some search paths have been omitted, the "
                    "applied search line is: {}",
                    fmt::join(applied.searches, " ")));
  return messages;
}

std::string pod_hostname(const api::Pod& pod) {
  std::string name = pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname;
  if (pod.spec.hostnameOverride) name = *pod.spec.hostnameOverride;
  if (name.size() > kMaxHostname) name.resize(kMaxHostname);
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name;
}

std::string pod_domain(const api::Pod& pod, const Options& options) {
  if (pod.spec.subdomain.empty() || pod.spec.hostnameOverride) return "";
  return fmt::format("{}.{}.svc.{}", pod.spec.subdomain, pod.metadata.namespace_,
                     options.cluster_domain);
}

std::string hosts_file(const api::Pod& pod, const Options& options,
                       const std::vector<std::string>& pod_ips, std::string_view host_hosts) {
  std::string text;
  if (pod.spec.hostNetwork) {
    text = "# Kubernetes-managed hosts file (host network).\n" + std::string(host_hosts);
    if (!text.ends_with('\n')) text += '\n';
  } else {
    text =
        "# Kubernetes-managed hosts file.\n"
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\n"
        "fe00::1\tip6-allnodes\n"
        "fe00::2\tip6-allrouters\n";
    const std::string hostname = pod_hostname(pod);
    const std::string domain = pod_domain(pod, options);
    for (const auto& ip : pod_ips)
      text += domain.empty() ? fmt::format("{}\t{}\n", ip, hostname)
                             : fmt::format("{}\t{}.{}\t{}\n", ip, hostname, domain, hostname);
  }
  if (!pod.spec.hostAliases.empty()) {
    text += "\n# Entries added by HostAliases.\n";
    for (const auto& alias : pod.spec.hostAliases)
      text += fmt::format("{}\t{}\n", alias.ip, fmt::join(alias.hostnames, "\t"));
  }
  return text;
}

}  // namespace skiff::kubelet
