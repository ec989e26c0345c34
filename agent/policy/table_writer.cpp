// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/table_writer.h"

#include <algorithm>
#include <set>

namespace skiff::policy {
namespace {

datapath::PolicyPeerKey peer_key(uint32_t table, const IpAddress& address) {
  return {.table = table, .address = datapath::to_abi(address)};
}

datapath::PolicyRangeKey range_key(uint32_t table, const Cidr& range) {
  return {.prefix_bits = 32U + range.mapped_prefix(),
          .table = table,
          .address = datapath::to_abi(range.base())};
}

// Erases every entry of `map` that `keep` does not want.
template <class K, class V, class Keep>
Status erase_if_not(datapath::Map<K, V>& map, const Keep& keep) {
  std::vector<K> stale;
  RETURN_IF_ERROR(map.for_each([&](const K& key, const V&) {
    if (!keep(key)) stale.push_back(key);
  }));
  return map.erase_batch(stale);
}

}  // namespace

Status TableWriter::restore() {
  ASSIGN_OR_RETURN(const auto state, maps_.policy_state->get(0), "policy_state");
  if (state) generation_ = state->generation;
  // New tables get ids that no old entry has.
  RETURN_IF_ERROR(maps_.pod_policies->for_each([&](const auto& address, const auto& policy) {
    pods_.emplace(datapath::from_abi(address), policy);
    for (const auto& side : policy.side) last_table_ = std::max(last_table_, side.table);
  }));
  RETURN_IF_ERROR(maps_.policy_peers->for_each(
      [&](const auto& key, const auto&) { last_table_ = std::max(last_table_, key.table); }));
  RETURN_IF_ERROR(maps_.policy_ranges->for_each(
      [&](const auto& key, const auto&) { last_table_ = std::max(last_table_, key.table); }));
  return maps_.policy_ports->for_each(
      [&](const auto& key, const auto&) { last_set_ = std::max(last_set_, key.set); });
}

Status TableWriter::apply(const Plan& plan) {
  RETURN_IF_ERROR(write_ports(plan), "ports");
  RETURN_IF_ERROR(write_tables(plan), "tables");
  RETURN_IF_ERROR(write_pods(plan), "pods");
  RETURN_IF_ERROR(erase_pods(plan), "pods");
  RETURN_IF_ERROR(erase_from_tables(plan), "tables");
  RETURN_IF_ERROR(erase_ports(plan), "ports");
  if (foreign_) RETURN_IF_ERROR(erase_foreign(), "entries of an earlier agent");
  return publish();
}

Status TableWriter::add(const Plan& plan) {
  RETURN_IF_ERROR(write_ports(plan), "ports");
  RETURN_IF_ERROR(write_tables(plan), "tables");
  RETURN_IF_ERROR(write_pods(plan), "pods");
  return publish();
}

uint32_t TableWriter::set_id(const Plan& plan, uint32_t set) const {
  return set < SKIFF_PORTS_FIRST ? set : sets_.at(plan.port_sets[set]);
}

Status TableWriter::write_ports(const Plan& plan) {
  for (size_t i = SKIFF_PORTS_FIRST; i < plan.port_sets.size(); ++i) {
    const Ports& ports = plan.port_sets[i];
    if (sets_.contains(ports)) continue;
    const uint32_t id = ++last_set_;
    for (const auto& key : port_keys(id, ports)) RETURN_IF_ERROR(maps_.policy_ports->put(key, 1));
    sets_.emplace(ports, id);
  }
  return {};
}

Status TableWriter::write_tables(const Plan& plan) {
  for (const auto& [key, table] : plan.tables) {
    const auto [it, added] = tables_.try_emplace(key);
    if (added) it->second.id = ++last_table_;
    RETURN_IF_ERROR(write_table(plan, table, it->second), "table {}", it->second.id);
  }
  return {};
}

Status TableWriter::write_table(const Plan& plan, const Table& table, Written& written) {
  written.others = set_id(plan, table.others);
  const auto write = [&](const auto& wanted, auto& known, const auto& put) -> Status {
    for (const auto& [key, plan_set] : wanted) {
      const uint32_t set = set_id(plan, plan_set);
      const auto it = known.find(key);
      if (it != known.end() && it->second == set) continue;
      RETURN_IF_ERROR(put(key, set), "{}", key.to_string());
      known[key] = set;
      changed_ = true;
    }
    return {};
  };
  RETURN_IF_ERROR(write(table.peers, written.peers, [&](const IpAddress& address, uint32_t set) {
    return maps_.policy_peers->put(peer_key(written.id, address), set);
  }));
  return write(table.ranges, written.ranges, [&](const Cidr& range, uint32_t set) {
    return maps_.policy_ranges->put(range_key(written.id, range), set);
  });
}

datapath::PodPolicy TableWriter::entry_of(const Plan& plan,
                                          const std::array<Side, 2>& sides) const {
  datapath::PodPolicy entry{};
  for (const Direction direction : kDirections) {
    const Side& side = sides[direction];
    datapath::PolicySide& to = entry.side[direction];
    if (side.isolated) to.flags |= SKIFF_POLICY_ISOLATED;
    if (side.pending) to.flags |= SKIFF_POLICY_PENDING;
    if (side.table.empty()) continue;
    const Table& table = plan.tables.at(side.table);
    to.table = tables_.at(side.table).id;
    to.others = set_id(plan, table.others);
    if (!table.peers.empty()) to.flags |= SKIFF_POLICY_PEERS;
    if (!table.ranges.empty()) to.flags |= SKIFF_POLICY_RANGES;
  }
  return entry;
}

Status TableWriter::write_pods(const Plan& plan) {
  for (const auto& [address, sides] : plan.pods) {
    const datapath::PodPolicy entry = entry_of(plan, sides);
    const auto it = pods_.find(address);
    if (it != pods_.end() && std::memcmp(&it->second, &entry, sizeof(entry)) == 0) continue;
    RETURN_IF_ERROR(maps_.pod_policies->put(datapath::to_abi(address), entry), "{}",
                    address.to_string());
    pods_[address] = entry;
    changed_ = true;
  }
  return {};
}

Status TableWriter::erase_pods(const Plan& plan) {
  for (auto it = pods_.begin(); it != pods_.end();) {
    if (plan.pods.contains(it->first)) {
      ++it;
      continue;
    }
    RETURN_IF_ERROR(maps_.pod_policies->erase(datapath::to_abi(it->first)));
    it = pods_.erase(it);
    changed_ = true;
  }
  return {};
}

Status TableWriter::erase_from_tables(const Plan& plan) {
  static const Table kNothing;
  peers_ = 0;
  for (auto it = tables_.begin(); it != tables_.end();) {
    const auto wanted = plan.tables.find(it->first);
    const Table& table = wanted == plan.tables.end() ? kNothing : wanted->second;
    Written& written = it->second;
    for (auto peer = written.peers.begin(); peer != written.peers.end();) {
      if (table.peers.contains(peer->first)) {
        ++peer;
        continue;
      }
      RETURN_IF_ERROR(maps_.policy_peers->erase(peer_key(written.id, peer->first)));
      peer = written.peers.erase(peer);
      changed_ = true;
    }
    for (auto range = written.ranges.begin(); range != written.ranges.end();) {
      if (table.ranges.contains(range->first)) {
        ++range;
        continue;
      }
      RETURN_IF_ERROR(maps_.policy_ranges->erase(range_key(written.id, range->first)));
      range = written.ranges.erase(range);
      changed_ = true;
    }
    peers_ += written.peers.size() + written.ranges.size();
    it = wanted == plan.tables.end() ? tables_.erase(it) : std::next(it);
  }
  return {};
}

Status TableWriter::erase_ports(const Plan& plan) {
  const std::set<Ports> wanted(plan.port_sets.begin(), plan.port_sets.end());
  for (auto it = sets_.begin(); it != sets_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    for (const auto& key : port_keys(it->second, it->first))
      RETURN_IF_ERROR(maps_.policy_ports->erase(key));
    it = sets_.erase(it);
  }
  return {};
}

Status TableWriter::erase_foreign() {
  std::set<uint32_t> tables, sets;
  for (const auto& [key, written] : tables_) tables.insert(written.id);
  for (const auto& [ports, id] : sets_) sets.insert(id);
  const auto is_ours = [&](const auto& key) { return tables.contains(key.table); };
  RETURN_IF_ERROR(erase_if_not(*maps_.policy_peers, is_ours));
  RETURN_IF_ERROR(erase_if_not(*maps_.policy_ranges, is_ours));
  RETURN_IF_ERROR(
      erase_if_not(*maps_.policy_ports, [&](const auto& key) { return sets.contains(key.set); }));
  foreign_ = false;
  changed_ = true;
  return {};
}

// Last of all: packets that see the new generation see the new rules.
Status TableWriter::publish() {
  if (!changed_) return {};
  const datapath::PolicyState state = {.pods = static_cast<uint32_t>(pods_.size()),
                                       .generation = generation_ + 1};
  RETURN_IF_ERROR(maps_.policy_state->put(0, state), "policy_state");
  ++generation_;
  changed_ = false;
  return {};
}

}  // namespace skiff::policy
