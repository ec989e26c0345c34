// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/kube_view.h"

#include <algorithm>

#include "kube/endpoint_slices.h"

namespace skiff::dns {
namespace {

constexpr const char* kByAddress = "dns/address";

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// Addresses are indexed in one spelling.
std::optional<IpAddress> parse(const std::string& text) {
  const auto address = IpAddress::parse(text);
  return address.ok() ? std::optional(*address) : std::nullopt;
}

bool is_headless(const api::Service& service) {
  return service.spec.clusterIP == "None";
}

std::vector<IpAddress> cluster_addresses(const api::Service& service) {
  std::vector<IpAddress> addresses;
  std::vector<std::string> texts = service.spec.clusterIPs;
  if (texts.empty()) texts.push_back(service.spec.clusterIP);
  for (const std::string& text : texts)
    if (const auto address = parse(text)) addresses.push_back(*address);
  return addresses;
}

bool is_ready(const api::Endpoint& endpoint) {
  return endpoint.conditions.ready.value_or(true);
}

std::string host_of(const api::Endpoint& endpoint) {
  if (endpoint.hostname && !endpoint.hostname->empty()) return *endpoint.hostname;
  const auto address = endpoint.addresses.empty() ? std::nullopt : parse(endpoint.addresses[0]);
  return address ? dashed(*address) : "";
}

std::vector<ServicePort> ports_of(const api::EndpointSlice& slice) {
  std::vector<ServicePort> ports;
  for (const api::EndpointSlicePort& port : slice.ports)
    ports.push_back({.name = port.name.value_or(""),
                     .protocol = lower(port.protocol.value_or("TCP")),
                     .number = static_cast<uint16_t>(port.port.value_or(0))});
  return ports;
}

}  // namespace

KubeView::KubeView(kube::Store<api::Service>& services, kube::Store<api::EndpointSlice>& slices)
    : services_(services), slices_(slices) {
  services_.add_index(kByAddress, [](const api::Service& service) {
    std::vector<std::string> values;
    for (const IpAddress& address : cluster_addresses(service))
      values.push_back(address.to_string());
    return values;
  });
  kube::index_slices(slices_);
}

std::optional<ServiceEntry> KubeView::service(const std::string& namespace_,
                                              const std::string& name) const {
  const kube::ObjectKey key{namespace_, name};
  const auto service = services_.get(key);
  if (!service) return std::nullopt;
  ServiceEntry entry;
  if (service->spec.type == "ExternalName") {
    entry.external_name = service->spec.externalName;
    return entry;
  }
  entry.headless = is_headless(*service);
  if (entry.headless) {
    entry.endpoints = endpoints(key);
    return entry;
  }
  entry.cluster_addresses = cluster_addresses(*service);
  for (const api::ServicePort& port : service->spec.ports)
    entry.ports.push_back({.name = port.name,
                           .protocol = lower(port.protocol.empty() ? "TCP" : port.protocol),
                           .number = static_cast<uint16_t>(port.port)});
  return entry;
}

std::vector<ServiceEndpoint> KubeView::endpoints(const kube::ObjectKey& service) const {
  std::vector<ServiceEndpoint> found;
  for (const auto& slice : slices_.by_index(kube::kSlicesByService, service.to_string())) {
    const std::vector<ServicePort> ports = ports_of(*slice);
    for (const api::Endpoint& endpoint : slice->endpoints) {
      const std::string host = host_of(endpoint);
      if (!is_ready(endpoint) || host.empty()) continue;
      // A pod of two families is in two slices, under one hostname.
      auto same = std::ranges::find(found, host, &ServiceEndpoint::host);
      if (same == found.end()) same = found.insert(same, {.host = host, .ports = ports});
      for (const std::string& text : endpoint.addresses)
        if (const auto address = parse(text)) same->addresses.push_back(*address);
    }
  }
  return found;
}

bool KubeView::has_namespace(const std::string& namespace_) const {
  return !services_.list(namespace_).empty();
}

std::vector<std::string> KubeView::names_of(const IpAddress& address) const {
  std::vector<std::string> names;
  const std::string text = address.to_string();
  for (const auto& service : services_.by_index(kByAddress, text))
    names.push_back(service->metadata.name + "." + service->metadata.namespace_ + ".svc");
  for (const auto& slice : slices_.by_index(kube::kSlicesByAddress, text)) {
    const auto key = kube::service_of(*slice);
    const auto service = key ? services_.get(*key) : nullptr;
    if (!service || !is_headless(*service)) continue;
    for (const api::Endpoint& endpoint : slice->endpoints) {
      const bool same = std::ranges::any_of(
          endpoint.addresses, [&](const std::string& other) { return parse(other) == address; });
      if (same && is_ready(endpoint))
        names.push_back(fmt::format("{}.{}.{}.svc", host_of(endpoint), key->name, key->namespace_));
    }
  }
  return names;
}

}  // namespace skiff::dns
