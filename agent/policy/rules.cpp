// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/rules.h"

#include <algorithm>

#include "api/codec.h"

namespace skiff::policy {
namespace {

bool is_within(const Cidr& inner, const Cidr& outer) {
  return inner.is_v4() == outer.is_v4() && inner.prefix() >= outer.prefix() &&
         outer.contains(inner.base());
}

api::Selector selector_of(const api::LabelSelector& selector) {
  auto parsed = api::Selector::from(selector);
  return parsed.ok() ? *std::move(parsed) : api::Selector::nothing();
}

std::optional<Peer> read_peer(const api::NetworkPolicyPeer& from) {
  Peer peer;
  if (from.podSelector) peer.pods = selector_of(*from.podSelector);
  if (from.namespaceSelector) peer.namespaces = selector_of(*from.namespaceSelector);
  if (!from.ipBlock) return peer;
  const auto block = Cidr::parse(from.ipBlock->cidr);
  if (!block.ok()) return std::nullopt;
  peer.block = *block;
  for (const std::string& text : from.ipBlock->except)
    if (const auto except = Cidr::parse(text); except.ok()) peer.except.push_back(*except);
  return peer;
}

RulePort read_port(const api::NetworkPolicyPort& from) {
  RulePort port;
  port.span = {
      .protocol = protocol_number(from.protocol.value_or("TCP")), .first = 0, .last = 65535};
  if (!from.port) return port;
  if (from.port->is_string()) {
    port.name = from.port->text;
    return port;
  }
  port.span.first = static_cast<uint16_t>(from.port->number);
  port.span.last = static_cast<uint16_t>(from.endPort.value_or(from.port->number));
  return port;
}

template <class ApiRule>
Rule read_rule(const std::string& namespace_, const ApiRule& from,
               const std::vector<api::NetworkPolicyPeer>& peers) {
  Rule rule{.text = namespace_ + "/" + api::encode_json(from), .namespace_ = namespace_};
  rule.any_peer = peers.empty();
  for (const api::NetworkPolicyPeer& one : peers)
    if (auto peer = read_peer(one)) rule.peers.push_back(*std::move(peer));
  rule.any_port = from.ports.empty();
  for (const api::NetworkPolicyPort& port : from.ports) rule.ports.push_back(read_port(port));
  return rule;
}

}  // namespace

bool Peer::selects(const Traits& pod, const std::string& own_namespace,
                   const NamespaceLabels& namespaces_known) const {
  if (block) return false;
  if (namespaces) {
    const auto it = namespaces_known.find(pod.namespace_);
    if (it == namespaces_known.end() || !namespaces->matches(it->second)) return false;
  } else if (pod.namespace_ != own_namespace) {
    return false;
  }
  return !pods || pods->matches(pod.labels);
}

bool Peer::contains(const IpAddress& address) const {
  if (!block || block->is_v4() != address.is_v4() || !block->contains(address)) return false;
  return std::ranges::none_of(except, [&](const Cidr& one) {
    return one.is_v4() == address.is_v4() && one.contains(address);
  });
}

bool Peer::contains(const Cidr& range) const {
  return block && is_within(range, *block) &&
         std::ranges::none_of(except, [&](const Cidr& one) { return is_within(range, one); });
}

bool Rule::has_named_ports() const {
  return std::ranges::any_of(ports, [](const RulePort& port) { return !port.name.empty(); });
}

bool Rule::selects(const Traits& pod, const NamespaceLabels& namespaces) const {
  return any_peer || std::ranges::any_of(peers, [&](const Peer& peer) {
           return peer.selects(pod, namespace_, namespaces);
         });
}

bool Rule::contains(const IpAddress& address) const {
  return any_peer ||
         std::ranges::any_of(peers, [&](const Peer& peer) { return peer.contains(address); });
}

bool Rule::contains(const Cidr& range) const {
  return any_peer ||
         std::ranges::any_of(peers, [&](const Peer& peer) { return peer.contains(range); });
}

void Rule::add_ports(const Traits* server, Ports& to) const {
  to.all = to.all || any_port;
  for (const RulePort& port : ports) {
    if (port.name.empty()) {
      to.spans.push_back(port.span);
      continue;
    }
    if (server == nullptr) continue;
    for (const NamedPort& named : server->ports)
      if (named.name == port.name && named.protocol == port.span.protocol)
        to.spans.push_back({port.span.protocol, named.port, named.port});
  }
}

PolicyRules read_policy(const api::NetworkPolicy& policy) {
  PolicyRules read;
  read.namespace_ = policy.metadata.namespace_;
  read.name = policy.metadata.name;
  read.pods = selector_of(policy.spec.podSelector);
  const std::vector<std::string>& types = policy.spec.policyTypes;
  // Without types (API servers fill them in): ingress, and egress where there are rules for it.
  read.isolates[kIngress] = types.empty() || std::ranges::count(types, "Ingress") > 0;
  read.isolates[kEgress] =
      types.empty() ? !policy.spec.egress.empty() : std::ranges::count(types, "Egress") > 0;
  if (read.isolates[kIngress])
    for (const auto& rule : policy.spec.ingress)
      read.rules[kIngress].push_back(read_rule(read.namespace_, rule, rule.from));
  if (read.isolates[kEgress])
    for (const auto& rule : policy.spec.egress)
      read.rules[kEgress].push_back(read_rule(read.namespace_, rule, rule.to));
  for (const Direction direction : kDirections)
    for (size_t i = 0; i < read.rules[direction].size(); ++i) read.rules[direction][i].index = i;
  return read;
}

}  // namespace skiff::policy
