// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/compile.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace skiff::policy {
namespace {

using RuleList = std::vector<const Rule*>;

class Compiler {
 public:
  explicit Compiler(const Inputs& inputs) : inputs_(inputs), policies_(read_policies(inputs)) {
    plan_.port_sets = {Ports{}, Ports{.all = true, .spans = {}}};
    for (uint32_t i = 0; i < plan_.port_sets.size(); ++i) sets_[plan_.port_sets[i]] = i;
  }

  Plan run() {
    for (const LocalPod& pod : inputs_.locals) add(pod);
    return std::move(plan_);
  }

 private:
  void add(const LocalPod& pod) {
    const PeerPod* known = inputs_.pods != nullptr ? inputs_.pods->find(pod.key) : nullptr;
    const auto policies = policies_.find(pod.key.namespace_);
    std::array<Side, 2> sides;
    if (!inputs_.complete) {
      sides.fill({.isolated = true, .pending = true, .table = ""});
    } else if (policies == policies_.end()) {
      return;
    } else if (known == nullptr) {
      sides.fill({.isolated = true, .pending = true, .table = ""});
    } else {
      for (const Direction direction : kDirections)
        sides[direction] = side_of(*known->traits, policies->second, direction);
    }
    if (!sides[kIngress].isolated && !sides[kEgress].isolated) return;
    for (const IpAddress& address : pod.addresses) plan_.pods[address] = sides;
  }

  Side side_of(const Traits& pod, const std::vector<PolicyRules>& policies, Direction direction) {
    Side side;
    RuleList rules;
    for (const PolicyRules& policy : policies) {
      if (!policy.isolates[direction] || !policy.pods.matches(pod.labels)) continue;
      side.isolated = true;
      for (const Rule& rule : policy.rules[direction]) rules.push_back(&rule);
    }
    if (rules.empty()) return side;
    side.table = key_of(rules, pod, direction);
    if (!plan_.tables.contains(side.table))
      plan_.tables.emplace(side.table, make_table(rules, pod, direction));
    return side;
  }

  // Equal for equal rules, whatever policies they are in. Names of ports are those of the pod
  // itself where it is the server.
  static std::string key_of(const RuleList& rules, const Traits& pod, Direction direction) {
    std::set<std::string> texts;
    bool named = false;
    for (const Rule* rule : rules) {
      texts.insert(rule->text);
      named = named || rule->has_named_ports();
    }
    std::string key = direction == kIngress ? "ingress" : "egress";
    for (const std::string& text : texts) key += "\n" + text;
    if (direction == kIngress && named)
      for (const NamedPort& port : pod.ports)
        key += fmt::format("\n{}={}/{}", port.name, port.protocol, port.port);
    return key;
  }

  Table make_table(const RuleList& rules, const Traits& pod, Direction direction) {
    const Traits* self = direction == kIngress ? &pod : nullptr;
    Table table;
    Ports others;
    for (const Rule* rule : rules)
      if (rule->any_peer) rule->add_ports(self, others);
    table.others = set_of(others);
    add_ranges(rules, self, table);
    for (const auto& [traits, addresses] : groups()) {
      Ports ports;
      for (const Rule* rule : rules)
        if (rule->selects(*traits, inputs_.namespaces))
          rule->add_ports(direction == kIngress ? &pod : traits, ports);
      if (set_of(ports) == table.others) continue;  // the ranges say the rest
      for (const IpAddress& address : addresses) {
        Ports here = ports;
        for (const Rule* rule : rules)
          if (!rule->any_peer && rule->contains(address)) rule->add_ports(self, here);
        if (const auto [it, added] = table.peers.emplace(address, 0); !added)
          here.add(plan_.port_sets[it->second]);  // two pods in a row had the address
        table.peers[address] = set_of(std::move(here));
      }
    }
    return table;
  }

  // Every block and every exception gets what holds at its own addresses, so that the longest match
  // is the whole answer.
  void add_ranges(const RuleList& rules, const Traits* self, Table& table) {
    for (const Rule* rule : rules)
      for (const Peer& peer : rule->peers) {
        if (!peer.block) continue;
        table.ranges.emplace(*peer.block, 0);
        for (const Cidr& except : peer.except) table.ranges.emplace(except, 0);
      }
    for (auto& [range, set] : table.ranges) {
      Ports ports;
      for (const Rule* rule : rules)
        if (rule->contains(range)) rule->add_ports(self, ports);
      set = set_of(std::move(ports));
    }
  }

  uint32_t set_of(Ports ports) {
    ports.normalize();
    const auto [it, added] = sets_.emplace(ports, static_cast<uint32_t>(plan_.port_sets.size()));
    if (added) plan_.port_sets.push_back(std::move(ports));
    return it->second;
  }

  using Groups = std::unordered_map<const Traits*, std::set<IpAddress>>;

  // Pods that no selector can tell apart, with all their addresses.
  const Groups& groups() {
    if (!groups_.empty()) return groups_;
    for (const auto& [key, pod] : inputs_.pods->pods())
      groups_[pod.traits.get()].insert(pod.addresses.begin(), pod.addresses.end());
    for (const LocalPod& pod : inputs_.locals)
      if (const PeerPod* known = inputs_.pods->find(pod.key))
        groups_[known->traits.get()].insert(pod.addresses.begin(), pod.addresses.end());
    return groups_;
  }

  const Inputs& inputs_;
  Plan plan_;
  std::map<Ports, uint32_t> sets_;
  const PoliciesByNamespace policies_;
  Groups groups_;
};

}  // namespace

PoliciesByNamespace read_policies(const Inputs& inputs) {
  std::set<std::string> namespaces;
  for (const LocalPod& pod : inputs.locals) namespaces.insert(pod.key.namespace_);
  PoliciesByNamespace read;
  for (const auto& policy : inputs.policies)
    if (namespaces.contains(policy->metadata.namespace_))
      read[policy->metadata.namespace_].push_back(read_policy(*policy));
  return read;
}

Plan compile(const Inputs& inputs) {
  return Compiler(inputs).run();
}

}  // namespace skiff::policy
