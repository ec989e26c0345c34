// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/kube_names.h"

#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>

#include "agent/datapath/trace.h"
#include "kube/endpoint_slices.h"

namespace skiff::trace {

namespace {

constexpr auto kRemembered = std::chrono::minutes(5);  // how long the deleted keep their name
constexpr size_t kMostKnown = 16384;

Identity pod_identity(const api::Pod& pod) {
  Identity who{.kind = Identity::Kind::kPod,
               .namespace_ = pod.metadata.namespace_,
               .name = pod.metadata.name,
               .workload_kind = {},
               .workload = {},
               .node = pod.spec.nodeName,
               .labels = pod.metadata.labels,
               .gone = false};
  set_workload(who, pod.metadata);
  return who;
}

uint8_t protocol_number(const std::string& name) {
  if (name == "UDP") return IPPROTO_UDP;
  return name == "SCTP" ? IPPROTO_SCTP : IPPROTO_TCP;
}

constexpr const char* kByPlace = "trace/place";

std::vector<std::string> addresses_of(const api::Service& service) {
  const auto& spec = service.spec;
  std::vector<std::string> addresses = spec.clusterIPs;
  addresses.insert(addresses.end(), spec.externalIPs.begin(), spec.externalIPs.end());
  for (const std::string& one : {spec.clusterIP, spec.loadBalancerIP})
    if (!one.empty()) addresses.push_back(one);
  for (const auto& ingress : service.status.loadBalancer.ingress)
    if (!ingress.ip.empty()) addresses.push_back(ingress.ip);
  return addresses;
}

std::string node_port(int32_t port) {
  return ":" + std::to_string(port);
}

// Where a Service is found: its addresses, and its NodePorts.
std::vector<std::string> places_of(const api::Service& service) {
  std::vector<std::string> places = addresses_of(service);
  for (const auto& port : service.spec.ports)
    if (port.nodePort != 0) places.push_back(node_port(port.nodePort));
  return places;
}

std::shared_ptr<const ServicePort> named(const api::Service& service, const std::string& port) {
  return std::make_shared<const ServicePort>(
      ServicePort{service.metadata.namespace_, service.metadata.name, port});
}

}  // namespace

void set_workload(Identity& who, const api::ObjectMeta& metadata) {
  for (const auto& owner : metadata.ownerReferences) {
    if (!owner.controller.value_or(false)) continue;
    who.workload_kind = owner.kind;
    who.workload = owner.name;
    const auto hash = metadata.labels.find("pod-template-hash");
    if (owner.kind != "ReplicaSet" || hash == metadata.labels.end()) return;
    const std::string suffix = "-" + hash->second;
    if (!owner.name.ends_with(suffix)) return;
    who.workload_kind = "Deployment";
    who.workload.resize(who.workload.size() - suffix.size());
    return;
  }
}

KubeNames::KubeNames(std::string node, uint64_t node_netns_cookie, Stores stores,
                     const Clock& clock)
    : node_(std::move(node)),
      node_netns_cookie_(node_netns_cookie),
      stores_(stores),
      clock_(clock) {
  stores_.pods.subscribe(
      [this](const auto& before, const auto& after) { pod_changed(before.get(), after.get()); });
  stores_.slices.subscribe([this](const auto&, const auto& after) { slice_changed(after.get()); });
  stores_.nodes.subscribe(
      [this](const auto& before, const auto& after) { node_changed(before.get(), after.get()); });
  stores_.services.subscribe([this](const auto&, const auto&) { services_.clear(); });
  stores_.services.add_index(kByPlace, places_of);
  kube::index_slices(stores_.slices);
}

void KubeNames::forget(const std::string& address) {
  if (const auto ip = IpAddress::parse(address); ip.ok()) known_.erase(*ip);
}

void KubeNames::mark_gone(const std::string& address, const Identity& who) {
  const auto ip = IpAddress::parse(address);
  if (!ip.ok()) return;
  Identity gone = who;
  gone.gone = true;
  known_[*ip] = {.who = std::make_shared<const Identity>(std::move(gone)), .gone = clock_.now()};
}

void KubeNames::pod_changed(const api::Pod* before, const api::Pod* after) {
  const api::Pod& pod = after != nullptr ? *after : *before;
  if (pod.spec.hostNetwork) return;
  for (const auto& ip : pod.status.podIPs) {
    if (after != nullptr)
      forget(ip.ip);
    else
      mark_gone(ip.ip, pod_identity(pod));
  }
  if (after == nullptr && on_gone_) on_gone_(pod.metadata.namespace_, pod.metadata.name);
}

// Endpoints that left keep their name: the pod's own deletion or its successor decides.
void KubeNames::slice_changed(const api::EndpointSlice* after) {
  if (after == nullptr || known_.empty()) return;
  for (const auto& endpoint : after->endpoints)
    for (const std::string& address : endpoint.addresses) {
      const auto ip = IpAddress::parse(address);
      if (!ip.ok()) continue;
      const auto it = known_.find(*ip);
      if (it != known_.end() && (it->second.who == nullptr || it->second.who->gone))
        known_.erase(it);
    }
}

void KubeNames::node_changed(const api::Node* before, const api::Node* after) {
  if (before == nullptr || after == nullptr) overlay_known_.clear();
  for (const api::Node* node : {before, after})
    if (node != nullptr)
      for (const auto& address : node->status.addresses) forget(address.address);
}

void KubeNames::add_local(LocalPod pod) {
  for (const IpAddress& address : pod.addresses) known_.erase(address);
  const uint64_t cookie = pod.netns_cookie;
  locals_[cookie] = std::move(pod);
}

void KubeNames::remove_local(uint64_t netns_cookie) {
  const auto it = locals_.find(netns_cookie);
  if (it == locals_.end()) return;
  const IdentityPtr who = local_identity(it->second);
  for (const IpAddress& address : it->second.addresses) mark_gone(address.to_string(), *who);
  locals_.erase(it);
}

void KubeNames::make_room() {
  const TimePoint now = clock_.now();
  if (known_.size() < kMostKnown) return;
  std::erase_if(known_, [&](const auto& entry) {
    return entry.second.gone == TimePoint() || now - entry.second.gone > kRemembered;
  });
}

KubeNames::IdentityPtr KubeNames::identity(const IpAddress& address) {
  if (const auto it = known_.find(address); it != known_.end()) {
    const Known& known = it->second;
    if (known.gone == TimePoint() || clock_.now() - known.gone < kRemembered) return known.who;
  }
  make_room();
  IdentityPtr who = search(address);
  known_[address] = {.who = who, .gone = {}};
  return who;
}

KubeNames::IdentityPtr KubeNames::local_identity(const LocalPod& pod) const {
  if (const auto object = stores_.pods.get({pod.namespace_, pod.name}))
    return std::make_shared<const Identity>(pod_identity(*object));
  return std::make_shared<const Identity>(Identity{.kind = Identity::Kind::kPod,
                                                   .namespace_ = pod.namespace_,
                                                   .name = pod.name,
                                                   .workload_kind = {},
                                                   .workload = {},
                                                   .node = node_,
                                                   .labels = {},
                                                   .gone = false});
}

KubeNames::IdentityPtr KubeNames::search(const IpAddress& address) const {
  const std::string text = address.to_string();
  if (IdentityPtr who = search_pods(address, text)) return who;
  if (IdentityPtr who = search_nodes(text)) return who;
  return search_slices(text);
}

KubeNames::IdentityPtr KubeNames::search_pods(const IpAddress& address,
                                              const std::string& text) const {
  // The pod network knows a pod before its status says its address.
  for (const auto& [cookie, pod] : locals_)
    if (std::ranges::find(pod.addresses, address) != pod.addresses.end())
      return local_identity(pod);
  for (const auto& pod : stores_.pods.list()) {
    if (pod->spec.hostNetwork) continue;
    for (const auto& ip : pod->status.podIPs)
      if (ip.ip == text) return std::make_shared<const Identity>(pod_identity(*pod));
  }
  return nullptr;
}

KubeNames::IdentityPtr KubeNames::search_nodes(const std::string& text) const {
  for (const auto& node : stores_.nodes.list())
    for (const auto& address : node->status.addresses)
      if (address.address == text)
        return std::make_shared<const Identity>(Identity{.kind = Identity::Kind::kNode,
                                                         .namespace_ = {},
                                                         .name = node->metadata.name,
                                                         .workload_kind = {},
                                                         .workload = {},
                                                         .node = node->metadata.name,
                                                         .labels = node->metadata.labels,
                                                         .gone = false});
  return nullptr;
}

// Pods of other nodes are known by the Services they serve.
KubeNames::IdentityPtr KubeNames::search_slices(const std::string& text) const {
  for (const auto& slice : stores_.slices.by_index(kube::kSlicesByAddress, text))
    for (const auto& endpoint : slice->endpoints) {
      if (!endpoint.targetRef || endpoint.targetRef->kind != "Pod") continue;
      if (std::ranges::find(endpoint.addresses, text) == endpoint.addresses.end()) continue;
      return std::make_shared<const Identity>(Identity{.kind = Identity::Kind::kPod,
                                                       .namespace_ = endpoint.targetRef->namespace_,
                                                       .name = endpoint.targetRef->name,
                                                       .workload_kind = {},
                                                       .workload = {},
                                                       .node = endpoint.nodeName.value_or(""),
                                                       .labels = {},
                                                       .gone = false});
    }
  return nullptr;
}

std::shared_ptr<const ServicePort> KubeNames::service(const IpAddress& address, uint16_t port,
                                                      uint8_t protocol) {
  const ServiceKey key{address, port, protocol};
  if (const auto it = services_.find(key); it != services_.end()) return it->second;
  if (services_.size() >= kMostKnown) services_.clear();
  return services_[key] = search_services(key);
}

std::shared_ptr<const ServicePort> KubeNames::search_services(const ServiceKey& key) const {
  const auto& [address, port, protocol] = key;
  const std::string text = address.to_string();
  const bool of_node = address.is_loopback() || search_nodes(text) != nullptr;
  std::shared_ptr<const ServicePort> address_only;  // the Service has no such port
  for (const auto& service : stores_.services.by_index(kByPlace, text)) {
    for (const auto& one : service->spec.ports)
      if (protocol_number(one.protocol) == protocol && one.port == port)
        return named(*service, one.name);
    address_only = named(*service, "");
  }
  if (of_node)
    for (const auto& service : stores_.services.by_index(kByPlace, node_port(port)))
      for (const auto& one : service->spec.ports)
        if (protocol_number(one.protocol) == protocol && one.nodePort == port)
          return named(*service, one.name);
  return address_only;
}

const LocalPod* KubeNames::local_by_ifindex(uint32_t ifindex) const {
  for (const auto& [cookie, pod] : locals_)
    if (pod.host_ifindex == ifindex) return &pod;
  return nullptr;
}

Place KubeNames::place(uint64_t netns_cookie, uint32_t ifindex) {
  if (const auto it = locals_.find(netns_cookie); it != locals_.end()) {
    const LocalPod& pod = it->second;
    return {.interface = ifindex == 1 ? "lo" : pod.interface,
            .who = identity(pod.addresses.empty() ? IpAddress() : pod.addresses.front()),
            .address = pod.addresses.empty() ? IpAddress() : pod.addresses.front(),
            .inside = true};
  }
  if (netns_cookie != node_netns_cookie_) return {};
  if (const LocalPod* pod = local_by_ifindex(ifindex); pod != nullptr && ifindex != 0)
    return {.interface = pod->host_interface,
            .who = identity(pod->addresses.empty() ? IpAddress() : pod->addresses.front()),
            .address = pod->addresses.empty() ? IpAddress() : pod->addresses.front(),
            .inside = false};
  Place place;
  char name[IF_NAMESIZE] = {};
  if (ifindex != 0 && ::if_indextoname(ifindex, name) != nullptr) place.interface = name;
  if (const auto node = stores_.nodes.get({"", node_}))
    for (const auto& address : node->status.addresses)
      if (const auto ip = IpAddress::parse(address.address);
          ip.ok() && address.type == "InternalIP") {
        place.address = *ip;
        place.who = identity(*ip);
        break;
      }
  return place;
}

std::vector<std::string> KubeNames::local_namespaces() const {
  std::vector<std::string> paths;
  for (const auto& [cookie, pod] : locals_)
    if (!pod.netns.empty()) paths.push_back(pod.netns);
  return paths;
}

// Asked for every flow, and answered by a system call: remembered for as long as nodes stay.
bool KubeNames::across_overlay(const IpAddress& address) {
  if (!overlay_oracle_) return false;
  if (const auto known = overlay_known_.find(address); known != overlay_known_.end())
    return known->second;
  if (overlay_known_.size() >= kMostKnown) overlay_known_.clear();
  return overlay_known_[address] = overlay_oracle_(address);
}

PolicyNames KubeNames::policies(const Peer& client, const Peer& server, uint8_t protocol) {
  return policy_oracle_ ? policy_oracle_(client, server, protocol) : PolicyNames{};
}

std::string KubeNames::kernel_reason(uint32_t reason) {
  if (kernel_reasons_.empty()) kernel_reasons_ = datapath::kernel_drop_reasons();
  const auto it = kernel_reasons_.find(reason);
  return it == kernel_reasons_.end() ? std::to_string(reason) : it->second;
}

}  // namespace skiff::trace
