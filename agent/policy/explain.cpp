// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/explain.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace skiff::policy {
namespace {

constexpr size_t kNearMisses = 3;

const char* word_of(Direction direction) {
  return direction == kIngress ? "ingress" : "egress";
}

std::string pods_text(const Peer& peer, const std::string& namespace_) {
  std::string text = !peer.pods || peer.pods->is_everything()
                         ? std::string("all pods")
                         : fmt::format("pods {}", peer.pods->to_string());
  if (!peer.namespaces) return fmt::format("{} of {}", text, namespace_);
  if (peer.namespaces->is_everything()) return text + " of all namespaces";
  return fmt::format("{} of namespaces {}", text, peer.namespaces->to_string());
}

std::string peer_text(const Peer& peer, const std::string& namespace_) {
  if (!peer.block) return pods_text(peer, namespace_);
  std::vector<std::string> except;
  for (const Cidr& one : peer.except) except.push_back(one.to_string());
  if (except.empty()) return peer.block->to_string();
  return fmt::format("{} except {}", peer.block->to_string(), fmt::join(except, ", "));
}

std::string ports_text(const Rule& rule) {
  if (rule.any_port) return "every port";
  std::vector<std::string> texts;
  Ports numbers;
  for (const RulePort& port : rule.ports) {
    if (port.name.empty()) {
      numbers.spans.push_back(port.span);
    } else {
      texts.push_back(fmt::format("port \"{}\"", port.name));
    }
  }
  numbers.normalize();
  if (!numbers.empty()) texts.push_back(numbers.to_string());
  return texts.empty() ? "no port" : fmt::format("{}", fmt::join(texts, ", "));
}

bool contains(const Ports& ports, const Question& question) {
  return ports.all || std::ranges::any_of(ports.spans, [&](const PortSpan& span) {
           return span.protocol == question.protocol && span.first <= question.port &&
                  question.port <= span.last;
         });
}

std::string name_of(const Rule& rule, Direction direction) {
  return fmt::format("{}[{}]", word_of(direction), rule.index);
}

}  // namespace

std::string describe(const Rule& rule, Direction direction) {
  std::vector<std::string> peers;
  for (const Peer& peer : rule.peers) peers.push_back(peer_text(peer, rule.namespace_));
  std::string who = rule.any_peer ? "anybody" : fmt::format("{}", fmt::join(peers, " or "));
  if (who.empty()) who = "nobody";
  return fmt::format("{} {} on {}", direction == kIngress ? "from" : "to", who, ports_text(rule));
}

Explainer::Explainer(const Inputs& inputs)
    : complete_(inputs.complete), namespaces_(inputs.namespaces), policies_(read_policies(inputs)) {
  for (const LocalPod& pod : inputs.locals) {
    const PeerPod* known = inputs.pods != nullptr ? inputs.pods->find(pod.key) : nullptr;
    const Local local{.key = pod.key, .traits = known == nullptr ? nullptr : known->traits};
    for (const IpAddress& address : pod.addresses) {
      locals_[address] = local;
      if (local.traits) owners_[address].push_back(local.traits);
    }
  }
  if (policies_.empty() || inputs.pods == nullptr) return;
  for (const auto& [key, pod] : inputs.pods->pods())
    for (const IpAddress& address : pod.addresses) owners_[address].push_back(pod.traits);
}

bool Explainer::peer_matches(const Rule& rule, const IpAddress& peer) const {
  if (rule.contains(peer)) return true;
  const auto owners = owners_.find(peer);
  return owners != owners_.end() && std::ranges::any_of(owners->second, [&](const auto& traits) {
           return rule.selects(*traits, namespaces_);
         });
}

// Whoever the peer is: the server's own names of ports, where it is a pod.
bool Explainer::port_matches(const Rule& rule, Direction direction, const Traits& self,
                             const IpAddress& peer, const Question& question) const {
  Ports ports;
  rule.add_ports(direction == kIngress ? &self : nullptr, ports);
  if (const auto owners = owners_.find(peer); direction == kEgress && owners != owners_.end())
    for (const auto& traits : owners->second) rule.add_ports(traits.get(), ports);
  return contains(ports, question);
}

// As compile() adds up what a table has for the peer.
bool Explainer::opens(const Rule& rule, Direction direction, const Traits& self,
                      const IpAddress& peer, const Question& question) const {
  Ports ports;
  if (rule.contains(peer)) rule.add_ports(direction == kIngress ? &self : nullptr, ports);
  if (const auto owners = owners_.find(peer); owners != owners_.end())
    for (const auto& traits : owners->second)
      if (rule.selects(*traits, namespaces_))
        rule.add_ports(direction == kIngress ? &self : traits.get(), ports);
  return contains(ports, question);
}

void Explainer::judge(const Local& pod, Direction direction, const Question& question,
                      Judgement& judgement) const {
  const auto policies = policies_.find(pod.key.namespace_);
  if (policies == policies_.end()) return;
  const IpAddress& peer = direction == kIngress ? question.source : question.destination;
  for (const PolicyRules& policy : policies->second) {
    if (!policy.isolates[direction] || !policy.pods.matches(pod.traits->labels)) continue;
    const std::string name = policy.namespace_ + "/" + policy.name;
    judgement.isolating.push_back(name);
    for (const Rule& rule : policy.rules[direction]) {
      if (!judgement.policy.empty()) break;
      if (opens(rule, direction, *pod.traits, peer, question)) {
        judgement.policy = name;
        judgement.rule = name_of(rule, direction);
        judgement.rule_text = describe(rule, direction);
        continue;
      }
      if (judgement.near_misses.size() == kNearMisses) continue;
      const bool knows_peer = peer_matches(rule, peer);
      if (!knows_peer && !port_matches(rule, direction, *pod.traits, peer, question)) continue;
      judgement.near_misses.push_back(fmt::format(
          "{} {} has the {}, not the {}: {}", name, name_of(rule, direction),
          knows_peer ? "peer" : "port", knows_peer ? "port" : "peer", describe(rule, direction)));
    }
  }
  judgement.allowed = judgement.isolating.empty() || !judgement.policy.empty();
  if (judgement.allowed) judgement.near_misses.clear();
}

std::optional<Judgement> Explainer::explain(Direction direction, const Question& question) const {
  const auto local = locals_.find(direction == kIngress ? question.destination : question.source);
  if (local == locals_.end()) return std::nullopt;
  Judgement judgement;
  judgement.pod = local->second.key.to_string();
  const bool unknown = complete_ && local->second.traits == nullptr &&
                       policies_.contains(local->second.key.namespace_);
  if (!complete_ || unknown) {
    judgement.pending = true;
    judgement.allowed = false;
    return judgement;
  }
  if (local->second.traits) judge(local->second, direction, question, judgement);
  return judgement;
}

}  // namespace skiff::policy
