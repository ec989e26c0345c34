// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/endpoint_choice.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace skiff::proxy {
namespace {

template <class Named>
bool names(const std::vector<Named>& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Named& each) { return each.name == name; });
}

// All addresses of an endpoint are the same backend: only the first counts.
std::optional<IpAddress> usable_address(const api::Endpoint& endpoint) {
  if (endpoint.addresses.empty()) return std::nullopt;
  const auto address = IpAddress::parse(endpoint.addresses.front());
  // A slice anybody may write must not point traffic at the node itself.
  if (!address.ok() || address->is_loopback() || address->is_link_local() ||
      address->is_unspecified())
    return std::nullopt;
  return *address;
}

void add_candidates(const api::EndpointSlice& slice, uint16_t port, const Viewpoint& from,
                    std::vector<Candidate>& into) {
  const uint32_t weight = weight_of(slice).value_or(kube::kDefaultWeight);
  for (const api::Endpoint& endpoint : slice.endpoints) {
    const auto address = usable_address(endpoint);
    if (!address) continue;
    const bool ready = endpoint.conditions.ready.value_or(true);
    Candidate& candidate = into.emplace_back();
    candidate.ready = ready;
    candidate.serving = endpoint.conditions.serving.value_or(ready);
    candidate.terminating = endpoint.conditions.terminating.value_or(false);
    const bool lost =
        from.live_nodes && endpoint.nodeName && !from.live_nodes->contains(*endpoint.nodeName);
    candidate.backend = {*address, port, candidate.terminating || lost};
    candidate.local = endpoint.nodeName == from.node;
    candidate.weight = weight;
    if (!endpoint.hints) continue;
    candidate.hints_nodes = !endpoint.hints->forNodes.empty();
    candidate.hints_zones = !endpoint.hints->forZones.empty();
    candidate.for_node = names(endpoint.hints->forNodes, from.node);
    candidate.for_zone = !from.zone.empty() && names(endpoint.hints->forZones, from.zone);
  }
}

enum class Nearness { kAnywhere, kZone, kNode };

// Hints count only if every endpoint that gets clients has them, and one of them is meant for this
// node: else some clients would be left without, or an endpoint without clients.
Nearness nearness_of(std::span<const Candidate> candidates) {
  bool all_nodes = true, all_zones = true, some_node = false, some_zone = false;
  for (const Candidate& candidate : candidates) {
    if (!candidate.takes_clients()) continue;
    all_nodes &= candidate.hints_nodes;
    all_zones &= candidate.hints_zones;
    some_node |= candidate.for_node;
    some_zone |= candidate.for_zone;
  }
  if (all_nodes && some_node) return Nearness::kNode;
  if (all_zones && some_zone) return Nearness::kZone;
  return Nearness::kAnywhere;
}

bool near_enough(const Candidate& candidate, Nearness nearness) {
  if (nearness == Nearness::kNode) return candidate.for_node;
  return nearness == Nearness::kAnywhere || candidate.for_zone;
}

// An endpoint may be in two slices while it moves from one to the other: the one that stays counts.
void sort_unique(std::vector<Backend>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end(), same_place), list.end());
}

bool has_place(const std::vector<Backend>& sorted, const Backend& backend) {
  const auto before = [](const Backend& a, const Backend& b) {
    return std::tie(a.address, a.port) < std::tie(b.address, b.port);
  };
  return std::binary_search(sorted.begin(), sorted.end(), backend, before);
}

// 0 where all weigh the same.
void even_out(std::vector<Backend>& serving) {
  const bool even = std::ranges::all_of(
      serving, [&](const Backend& backend) { return backend.weight == serving.front().weight; });
  if (even)
    for (Backend& backend : serving) backend.weight = 0;
}

Backend weighted(const Candidate& candidate) {
  Backend backend = candidate.backend;
  backend.weight = candidate.weight;
  return backend;
}

// Ready ones, else those that terminate but still serve. The others keep what they have, also those
// of other nodes: the policy may have been another one when it began.
Choice choose(std::span<const Candidate> candidates, bool only_local, Nearness nearness) {
  Choice choice;
  for (const bool last_resort : {false, true}) {
    for (const Candidate& candidate : candidates) {
      const bool wanted = last_resort
                              ? candidate.serving && candidate.terminating && candidate.weight > 0
                              : candidate.takes_clients() && near_enough(candidate, nearness);
      if (wanted && (!only_local || candidate.local)) choice.serving.push_back(weighted(candidate));
    }
    choice.keeps_to_node = only_local || (nearness == Nearness::kNode && !last_resort);
    if (!choice.serving.empty()) break;
  }
  sort_unique(choice.serving);
  even_out(choice.serving);
  for (const Candidate& candidate : candidates)
    if (candidate.serving && !has_place(choice.serving, candidate.backend))
      choice.draining.push_back(candidate.backend);
  sort_unique(choice.draining);
  for (const Candidate& candidate : candidates)
    if (!candidate.serving && !has_place(choice.serving, candidate.backend) &&
        !has_place(choice.draining, candidate.backend))
      choice.unready.push_back(candidate.backend);
  sort_unique(choice.unready);
  return choice;
}

}  // namespace

std::vector<Candidate> candidates_of(const api::ServicePort& port, bool v4,
                                     std::span<const SlicePtr> slices, const Viewpoint& from) {
  std::vector<Candidate> candidates;
  for (const SlicePtr& slice : slices) {
    if (slice->addressType != (v4 ? "IPv4" : "IPv6")) continue;
    for (const api::EndpointSlicePort& candidate : slice->ports) {
      if (candidate.name.value_or("") != port.name ||
          candidate.protocol.value_or("TCP") != (port.protocol.empty() ? "TCP" : port.protocol))
        continue;
      const int32_t number = candidate.port.value_or(0);
      if (number > 0 && number <= 65535)
        add_candidates(*slice, static_cast<uint16_t>(number), from, candidates);
    }
  }
  return candidates;
}

Result<uint32_t> weight_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.annotations.find(kube::kEndpointWeight);
  if (it == slice.metadata.annotations.end()) return kube::kDefaultWeight;
  return kube::parse_weight(it->second);
}

EndpointChoices choose_endpoints(std::span<const Candidate> candidates) {
  EndpointChoices choices;
  choices.cluster = choose(candidates, false, nearness_of(candidates));
  choices.local = choose(candidates, true, Nearness::kAnywhere);
  choices.any = !choices.cluster.serving.empty();
  return choices;
}

int count_local_ready(std::span<const SlicePtr> slices, const Viewpoint& from) {
  std::set<IpAddress> v4;
  std::set<IpAddress> v6;
  for (const SlicePtr& slice : slices) {
    if (weight_of(*slice).value_or(kube::kDefaultWeight) == 0) continue;
    for (const api::Endpoint& endpoint : slice->endpoints)
      if (endpoint.nodeName == from.node && endpoint.conditions.ready.value_or(true))
        if (const auto address = usable_address(endpoint))
          (address->is_v4() ? v4 : v6).insert(*address);
  }
  return static_cast<int>(std::max(v4.size(), v6.size()));
}

}  // namespace skiff::proxy
