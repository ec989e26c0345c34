// SPDX-License-Identifier: Apache-2.0
#include "cli/services/describe.h"

#include <netinet/in.h>

#include <algorithm>
#include <set>

namespace skiff::cli {
namespace {

std::string endpoint(const IpAddress& ip, uint16_t port) {
  return ip.is_v4() ? fmt::format("{}:{}", ip.to_string(), port)
                    : fmt::format("[{}]:{}", ip.to_string(), port);
}

std::string node_port(std::string_view protocol, uint16_t port) {
  return fmt::format("{} node port {}", protocol, port);
}

std::string protocol_name(uint8_t protocol) {
  if (protocol == IPPROTO_TCP) return "TCP";
  if (protocol == IPPROTO_UDP) return "UDP";
  if (protocol == IPPROTO_SCTP) return "SCTP";
  return fmt::format("protocol {}", protocol);
}

std::string name_of(const std::map<std::string, std::string>& names, const std::string& key) {
  const auto found = names.find(key);
  return found == names.end() ? "unknown" : found->second;
}

// "TCP 10.96.0.1:443", as ServiceNames keys it.
std::string place(const datapath::FrontendKey& key, const datapath::Frontend& frontend) {
  const uint16_t port = datapath::port_of(key.port);
  const std::string protocol = protocol_name(key.protocol);
  if (frontend.flags & SKIFF_FRONTEND_NODE_PORT) return node_port(protocol, port);
  return protocol + " " + endpoint(datapath::from_abi(key.address), port);
}

// What a backend that gets no new clients still does.
const char* kept(const datapath::Backend& backend) {
  return (backend.flags & SKIFF_BACKEND_UNREADY) != 0 ? ", keeps its connections only"
                                                      : ", keeps its clients only";
}

// service_id -> ranges of the clients that are let in, sorted.
using Sources = std::map<uint32_t, std::set<Cidr>>;

Result<Sources> sources_of(const datapath::Maps& maps) {
  Sources sources;
  RETURN_IF_ERROR(
      maps.source_ranges->for_each([&](const datapath::SourceRangeKey& key, uint32_t let_in) {
        const IpAddress base = datapath::from_abi(key.address);
        const uint32_t bits = key.prefix_bits - 32 - (base.is_v4() ? 96 : 0);
        if (let_in != 0) sources[key.service_id].insert(Cidr(base, static_cast<uint8_t>(bits)));
      }));
  return sources;
}

std::string details(const datapath::FrontendKey& key, const datapath::Frontend& frontend,
                    const Sources& sources) {
  std::string text;
  if ((frontend.flags & SKIFF_FRONTEND_HOST_PORT) != 0) text += ", host port";
  if ((frontend.flags & SKIFF_FRONTEND_NODE_PORT) != 0) {
    text += datapath::from_abi(key.address).is_v4() ? " over IPv4" : " over IPv6";
  }
  if (key.scope == SKIFF_SCOPE_EXTERNAL) text += ", clients from outside";
  if (frontend.affinity_seconds != 0) {
    text += fmt::format(", a client stays with its pod for {} s", frontend.affinity_seconds);
  }
  if ((frontend.flags & SKIFF_FRONTEND_SOURCE_RANGES) != 0) {
    text += ", only from";
    const auto found = sources.find(frontend.service_id);
    if (found == sources.end()) text += " nowhere";
    const bool v4 = datapath::from_abi(key.address).is_v4();
    for (const Cidr& range : found == sources.end() ? std::set<Cidr>() : found->second)
      if (range.is_v4() == v4) text += " " + range.to_string();
  }
  if (frontend.count != 0) return text;
  return text + ((frontend.flags & SKIFF_FRONTEND_DROP_EMPTY) != 0
                     ? ", drops: no endpoint on this node"
                     : ", refuses: no endpoints");
}

}  // namespace

ServiceNames service_names(const std::vector<api::Service>& services,
                           const std::vector<api::Pod>& pods) {
  ServiceNames names;
  for (const api::Service& service : services) {
    std::vector<std::string> addresses = service.spec.clusterIPs;
    addresses.insert(addresses.end(), service.spec.externalIPs.begin(),
                     service.spec.externalIPs.end());
    for (const auto& ingress : service.status.loadBalancer.ingress) addresses.push_back(ingress.ip);
    for (const api::ServicePort& port : service.spec.ports) {
      const std::string name =
          fmt::format("{}/{}{}{}", service.metadata.namespace_, service.metadata.name,
                      port.name.empty() ? "" : ":", port.name);
      if (port.nodePort != 0) {
        names.frontends[node_port(port.protocol, static_cast<uint16_t>(port.nodePort))] = name;
      }
      for (const std::string& address : addresses) {
        auto ip = IpAddress::parse(address);
        if (!ip.ok()) continue;  // "None"
        names.frontends[port.protocol + " " + endpoint(*ip, static_cast<uint16_t>(port.port))] =
            name;
      }
    }
  }
  for (const api::Pod& pod : pods) {
    for (const auto& ip : pod.status.podIPs) {
      names.backends[ip.ip] =
          fmt::format("{}/{} on {}", pod.metadata.namespace_, pod.metadata.name, pod.spec.nodeName);
    }
  }
  return names;
}

namespace {

struct Entry {
  std::string title;
  datapath::Frontend frontend;
  std::vector<std::string> backends;
};

Status add_backends(const datapath::Maps& maps, const ServiceNames& names, Entry& entry) {
  for (uint32_t i = 0; i < entry.frontend.count + entry.frontend.draining; ++i) {
    ASSIGN_OR_RETURN(auto backend, maps.backends->get(entry.frontend.base + i));
    if (!backend) continue;
    const IpAddress ip = datapath::from_abi(backend->address);
    const std::string share =
        backend->weight != 0 ? fmt::format(", weight {}", backend->weight) : "";
    entry.backends.push_back(fmt::format("    {}  {}{}",
                                         endpoint(ip, datapath::port_of(backend->port)),
                                         name_of(names.backends, ip.to_string()),
                                         i < entry.frontend.count ? share : kept(*backend)));
  }
  return absl::OkStatus();
}

// Sorted by title.
Result<std::vector<Entry>> entries_of(const datapath::Maps& maps, const ServiceNames& names) {
  std::vector<Entry> entries;
  ASSIGN_OR_RETURN(const Sources sources, sources_of(maps));
  RETURN_IF_ERROR(maps.frontends->for_each(
      [&](const datapath::FrontendKey& key, const datapath::Frontend& frontend) {
        if ((frontend.flags & SKIFF_FRONTEND_WILDCARD) != 0) {
          entries.push_back({.title = fmt::format("{}  other ports are refused",
                                                  datapath::from_abi(key.address).to_string()),
                             .frontend = frontend,
                             .backends = {}});
          return;
        }
        const std::string where = place(key, frontend);
        entries.push_back({.title = fmt::format("{}  {}{}", name_of(names.frontends, where), where,
                                                details(key, frontend, sources)),
                           .frontend = frontend,
                           .backends = {}});
      }));
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.title < b.title; });
  for (Entry& entry : entries) RETURN_IF_ERROR(add_backends(maps, names, entry));
  return entries;
}

// "5s", "3m", "26h", "4d".
std::string ago(std::chrono::nanoseconds silence) {
  const int64_t seconds = std::max<int64_t>(0, silence / std::chrono::seconds(1));
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (seconds < 120 * 60) return fmt::format("{}m", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

}  // namespace

Result<std::vector<std::string>> describe_services(const datapath::Maps& maps,
                                                   const ServiceNames& names) {
  ASSIGN_OR_RETURN(const std::vector<Entry> entries, entries_of(maps, names));
  std::vector<std::string> lines;
  for (const Entry& entry : entries) {
    lines.push_back(entry.title);
    lines.insert(lines.end(), entry.backends.begin(), entry.backends.end());
  }
  return lines;
}

Result<std::vector<std::string>> services_table(const datapath::Maps& maps,
                                                const ServiceNames& names,
                                                std::chrono::nanoseconds now) {
  ASSIGN_OR_RETURN(const std::vector<Entry> entries, entries_of(maps, names));
  const auto row = [](std::string_view hits, std::string_view refused, std::string_view last,
                      std::string_view what) {
    return fmt::format("{:>9} {:>8} {:>5}  {}", hits, refused, last, what);
  };
  std::vector<std::string> lines = {row("HITS", "REFUSED", "LAST", "SERVICE")};
  for (const Entry& entry : entries) {
    if ((entry.frontend.flags & SKIFF_FRONTEND_WILDCARD) != 0) {
      lines.push_back(row("", "", "", entry.title));
      continue;
    }
    ASSIGN_OR_RETURN(const auto use, maps.service_counters->get(entry.frontend.service_id));
    const std::chrono::nanoseconds last{use ? use->last_used_ns : 0};
    lines.push_back(row(std::to_string(use ? use->connections : 0),
                        std::to_string(use ? use->refused : 0), use ? ago(now - last) : "-",
                        entry.title));
    for (const std::string& backend : entry.backends) lines.push_back(row("", "", "", backend));
  }
  return lines;
}

}  // namespace skiff::cli
