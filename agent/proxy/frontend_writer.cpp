// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/frontend_writer.h"

#include <netinet/in.h>

#include <algorithm>

namespace skiff::proxy {
namespace {

datapath::FrontendKey to_abi(const FrontendKey& key) {
  datapath::FrontendKey abi{};
  abi.address = key.address.is_unspecified() ? datapath::node_port_address(key.address.is_v4())
                                             : datapath::to_abi(key.address);
  abi.port = datapath::port_be(key.port);
  abi.protocol = key.protocol;
  abi.scope = static_cast<uint8_t>(key.scope);
  return abi;
}

uint32_t flags_of(const Frontend& frontend) {
  return (frontend.two_scopes ? SKIFF_FRONTEND_TWO_SCOPES : 0u) |
         (frontend.drop_empty ? SKIFF_FRONTEND_DROP_EMPTY : 0u) |
         (frontend.node_port ? SKIFF_FRONTEND_NODE_PORT : 0u) |
         (frontend.external ? SKIFF_FRONTEND_EXTERNAL : 0u) |
         (frontend.host_port ? SKIFF_FRONTEND_HOST_PORT : 0u) |
         (frontend.direct_answers ? SKIFF_FRONTEND_DSR : 0u) |
         (frontend.wildcard ? SKIFF_FRONTEND_WILDCARD : 0u) |
         (frontend.keeps_to_node ? SKIFF_FRONTEND_LOCAL : 0u) |
         (frontend.restricted ? SKIFF_FRONTEND_SOURCE_RANGES : 0u);
}

bool reserves_port(const datapath::Frontend& entry) {
  return (entry.flags & (SKIFF_FRONTEND_NODE_PORT | SKIFF_FRONTEND_HOST_PORT)) != 0;
}

// Every `step`-th, so that what is left out is spread.
BackendList thinned(const BackendList& all, size_t step) {
  BackendList some;
  for (size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

// Those that get no new clients.
BackendList keeping(const Frontend& frontend) {
  BackendList list = proxy::to_abi(frontend.draining);
  const BackendList unready = proxy::to_abi(frontend.unready, SKIFF_BACKEND_UNREADY);
  list.insert(list.end(), unready.begin(), unready.end());
  std::sort(list.begin(), list.end(), datapath::BytesLess());
  return list;
}

// Keeps the first failure, to go on with what can be done.
void note(Status& first, const Status& status) {
  if (first.ok()) first = status;
}

}  // namespace

FrontendWriter::FrontendWriter(datapath::Maps& maps, const Clock& clock)
    : maps_(maps), backends_(maps, clock), maglev_(maps, clock), sources_(maps), reserved_(maps) {}

Status FrontendWriter::restore() {
  RETURN_IF_ERROR(sources_.restore(), "read source ranges");
  RETURN_IF_ERROR(
      maps_.frontends->for_each([&](const KeyBytes& key, const datapath::Frontend& entry) {
        installed_[key].entry = entry;
        last_service_id_ = std::max(last_service_id_, entry.service_id);
      }),
      "read frontends");
  for (auto& [key, installed] : installed_) {
    const datapath::Frontend& entry = installed.entry;
    // An entry that contradicts the others is written anew when its Service claims it.
    installed.range =
        backends_.restore(entry.base, entry.count, entry.draining).value_or(RangePtr());
    installed.maglev = maglev_.restore(entry.maglev_base, entry.maglev_size).value_or(MaglevPtr());
    if (!reserves_port(entry)) continue;
    RETURN_IF_ERROR(reserved_.take(datapath::port_of(key.port)));
  }
  backends_.forget_restored();
  maglev_.forget_restored();
  return absl::OkStatus();
}

Status FrontendWriter::apply(const std::string& owner, const std::vector<Frontend>& wanted) {
  const auto place = owned_.try_emplace(owner).first;
  Owned& owned = place->second;
  Status result = allow_sources(owned, wanted);
  KeySet keep;
  KeySet failed;
  Shared shared;
  // An internal entry that says "two scopes" needs its external one there already; on the way out
  // it goes first.
  for (const Scope scope : {Scope::kExternal, Scope::kInternal}) {
    for (const Frontend& frontend : wanted) {
      if (frontend.key.scope != scope) continue;
      KeyBytes key = to_abi(frontend.key);
      keep.insert(key);
      if (failed.contains(key)) continue;
      const Status installed = install(place->first, owned, frontend, shared);
      note(result, annotate(installed, frontend.service));
      key.scope = static_cast<uint8_t>(Scope::kInternal);
      if (installed.code() == StatusCode::kResourceExhausted || installed.ok()) continue;
      failed.insert(key);
    }
  }
  note(result, remove_all_but(owned, keep));
  note(result, drop_sources(owned, wanted));
  if (owned.keys.empty()) {
    for (const auto& [service, id] : owned.service_ids) id_users_.erase(id);
    owned_.erase(place);
  }
  return result;
}

Status FrontendWriter::remove_all_but(Owned& owned, const KeySet& keep) {
  for (const Scope scope : {Scope::kInternal, Scope::kExternal}) {
    const KeySet present = owned.keys;
    for (const KeyBytes& key : present) {
      if (keep.contains(key) || key.scope != static_cast<uint8_t>(scope)) continue;
      RETURN_IF_ERROR(remove(key));
      owned.keys.erase(key);
    }
  }
  return absl::OkStatus();
}

// Before its frontends: with them the Service lets in whom it shall.
Status FrontendWriter::allow_sources(Owned& owned, const std::vector<Frontend>& wanted) {
  for (const Frontend& frontend : wanted) {
    if (!frontend.restricted) continue;
    const std::set<Cidr> ranges(frontend.source_ranges.begin(), frontend.source_ranges.end());
    RETURN_IF_ERROR(sources_.allow(id_of(owned, frontend), ranges), "{}", frontend.service);
  }
  return absl::OkStatus();
}

// Also forgets the ids of Service ports that are no more.
Status FrontendWriter::drop_sources(Owned& owned, const std::vector<Frontend>& wanted) {
  std::map<std::string, std::set<Cidr>> ranges;
  for (const Frontend& frontend : wanted)
    ranges[frontend.service].insert(frontend.source_ranges.begin(), frontend.source_ranges.end());
  for (auto it = owned.service_ids.begin(); it != owned.service_ids.end();) {
    RETURN_IF_ERROR(sources_.keep_only(it->second, ranges[it->first]), "{}", it->first);
    const bool gone = ranges[it->first].empty() &&
                      std::none_of(wanted.begin(), wanted.end(), [&](const Frontend& frontend) {
                        return frontend.service == it->first;
                      });
    if (gone) {
      id_users_.erase(it->second);
      RETURN_IF_ERROR(maps_.service_counters->erase(it->second), "{}", it->first);
    }
    it = gone ? owned.service_ids.erase(it) : std::next(it);
  }
  return absl::OkStatus();
}

// What the maps have for one of its frontends, else a new one. Never one that another Service port
// has: an address may have changed hands while no agent ran.
uint32_t FrontendWriter::id_of(Owned& owned, const Frontend& frontend) {
  auto& [service, id] = *owned.service_ids.try_emplace(frontend.service).first;
  if (id != 0) return id;
  const auto it = installed_.find(to_abi(frontend.key));
  if (it != installed_.end()) id = it->second.entry.service_id;
  while (id == 0 || id_users_.contains(id)) id = next_service_id();
  id_users_[id] = &service;
  return id;
}

Status FrontendWriter::install(const std::string& owner, Owned& owned, const Frontend& frontend,
                               Shared& shared) {
  const KeyBytes key = to_abi(frontend.key);
  const auto present = installed_.find(key);
  if (present != installed_.end() && present->second.owner && *present->second.owner != owner)
    return already_exists("{} port {} is served for {}", frontend.key.address.to_string(),
                          frontend.key.port, *present->second.owner);
  const uint32_t service_id = id_of(owned, frontend);
  const auto [it, fresh] = installed_.try_emplace(key);
  Installed& installed = it->second;
  const Status written = write(key, frontend, service_id, installed, shared);
  if (installed.entry.service_id == 0) {  // nothing of it is in the map
    installed_.erase(it);
    return written;
  }
  owned.keys.insert(key);
  installed.owner = &owner;
  if (fresh && reserves_port(installed.entry)) {
    RETURN_IF_ERROR(reserved_.take(frontend.key.port));
  }
  return written;
}

Status FrontendWriter::prune() {
  std::vector<KeyBytes> unclaimed;
  std::set<uint32_t> alive;
  for (const auto& [key, installed] : installed_) {
    if (!installed.owner) {
      unclaimed.push_back(key);
    } else {
      alive.insert(installed.entry.service_id);
    }
  }
  for (const KeyBytes& key : unclaimed) RETURN_IF_ERROR(remove(key), "prune");
  RETURN_IF_ERROR(forget_use_of_others(alive), "prune");
  return sources_.prune(alive);
}

Status FrontendWriter::forget_use_of_others(const std::set<uint32_t>& alive) {
  std::vector<uint32_t> gone;
  RETURN_IF_ERROR(
      maps_.service_counters->for_each([&](uint32_t id, const datapath::ServiceCounter&) {
        if (!alive.contains(id)) gone.push_back(id);
      }));
  return maps_.service_counters->erase_batch(gone);
}

// The present range if it has just these backends, one that another frontend of this apply() has,
// or a new one. Where the map is full, one with some of them.
Result<RangePtr> FrontendWriter::range_for(const Frontend& wanted, const RangePtr& present,
                                           Shared& shared) {
  const auto key = std::make_tuple(wanted.backends, wanted.draining, wanted.unready);
  if (const auto it = shared.find(key); it != shared.end()) return it->second;
  const BackendList all = proxy::to_abi(wanted.backends);
  BackendList draining = keeping(wanted);
  for (size_t step = 1;; step *= 2) {
    BackendList serving = thinned(all, step);
    if (present && present->equals(serving, draining)) return shared[key] = present;
    const bool last = serving.size() <= 1;
    Result<RangePtr> written = backends_.write(std::move(serving), draining);
    if (written.ok()) return shared[key] = *written;
    if (written.status().code() != StatusCode::kResourceExhausted || last) return written;
    draining.clear();
  }
}

// The table of a frontend that wants one, or whose backends differ in weight. Without room fair
// chance decides, and the caller learns.
Status FrontendWriter::spread(const Frontend& wanted, const RangePtr& range,
                              datapath::Frontend& entry, Installed& installed, MaglevPtr& maglev) {
  entry.maglev_base = entry.maglev_size = 0;
  if (entry.count == 0 || (!wanted.maglev && !range->is_weighted())) return absl::OkStatus();
  maglev = installed.maglev;
  if (range != installed.range || !maglev) {
    ASSIGN_OR_RETURN(maglev, maglev_.table_of(range), "maglev map");
  }
  if (wanted.maglev) entry.flags |= SKIFF_FRONTEND_MAGLEV;
  entry.maglev_base = maglev->base;
  entry.maglev_size = maglev->size;
  return absl::OkStatus();
}

Status FrontendWriter::write(const KeyBytes& key, const Frontend& wanted, uint32_t service_id,
                             Installed& installed, Shared& shared) {
  ASSIGN_OR_RETURN(const RangePtr range, range_for(wanted, installed.range, shared));
  datapath::Frontend entry = installed.entry;
  entry.service_id = service_id;
  entry.flags = flags_of(wanted);
  entry.affinity_seconds = wanted.affinity_seconds;
  const bool lost = range != installed.range && lost_one(installed.range, range);
  if (lost) ++entry.generation;
  entry.base = range ? range->base : 0;
  entry.count = range ? range->serving : 0;
  entry.draining = range ? range->draining() : 0;
  const size_t all = wanted.backends.size() + wanted.draining.size() + wanted.unready.size();
  const bool whole = entry.count + entry.draining == all;
  if (whole && !wanted.wildcard) entry.flags |= SKIFF_FRONTEND_RESET_GONE;
  MaglevPtr maglev;
  const Status spread_out = spread(wanted, range, entry, installed, maglev);
  if (installed.entry.service_id == 0 ||
      std::memcmp(&entry, &installed.entry, sizeof(entry)) != 0) {
    RETURN_IF_ERROR(maps_.frontends->put(key, entry), "write frontend");
  }
  // What a full map has no room for may still be there.
  if (lost && (whole || key.protocol == IPPROTO_UDP))
    note_lost(key.protocol, installed.range, range);
  installed.entry = entry;
  installed.range = range;
  installed.maglev = std::move(maglev);
  if (entry.count < wanted.backends.size())
    return resource_exhausted("backends map: room for {} of {} endpoints", entry.count,
                              wanted.backends.size());
  return spread_out;
}

Status FrontendWriter::remove(const KeyBytes& key) {
  RETURN_IF_ERROR(maps_.frontends->erase(key), "erase frontend");
  const auto it = installed_.find(key);
  if (reserves_port(it->second.entry)) {
    RETURN_IF_ERROR(reserved_.give_back(datapath::port_of(key.port)));
  }
  // A Service may go while its pods go on with what they have; a HostPort goes with its pod.
  if (key.protocol == IPPROTO_UDP || (it->second.entry.flags & SKIFF_FRONTEND_HOST_PORT) != 0)
    note_lost(key.protocol, it->second.range, nullptr);
  installed_.erase(it);
  return absl::OkStatus();
}

void FrontendWriter::note_lost(uint8_t protocol, const RangePtr& before, const RangePtr& after) {
  lost_.datagrams |= protocol == IPPROTO_UDP;
  if (protocol != IPPROTO_TCP) return;
  for (const datapath::Backend& backend : departed(before, after))
    if ((backend.flags & SKIFF_BACKEND_LEAVING) != 0)
      lost_.connections.insert({.address = backend.address, .port = backend.port, .pad = 0});
}

bool LostBackends::concern(uint8_t protocol, const datapath::SocketAddress& backend) const {
  return protocol == IPPROTO_UDP ? datagrams : connections.contains(backend);
}

bool FrontendWriter::serves(const datapath::SocketAddress& asked, uint8_t protocol,
                            const datapath::SocketAddress& backend) const {
  KeyBytes key{};
  key.address = asked.address;
  key.port = asked.port;
  key.protocol = protocol;
  key.scope = static_cast<uint8_t>(Scope::kInternal);
  auto it = installed_.find(key);
  if (it == installed_.end()) {
    key.address = datapath::node_port_address(datapath::from_abi(asked.address).is_v4());
    it = installed_.find(key);
  }
  if (it == installed_.end() || !it->second.range) return false;
  datapath::Backend wanted{};
  wanted.address = backend.address;
  wanted.port = backend.port;
  return it->second.range->keeps(wanted, protocol != IPPROTO_UDP);
}

Status FrontendWriter::reserve_ports(std::set<uint16_t> ports) {
  for (const uint16_t port : ports)
    if (!others_ports_.contains(port)) RETURN_IF_ERROR(reserved_.take(port));
  for (const uint16_t port : others_ports_)
    if (!ports.contains(port)) RETURN_IF_ERROR(reserved_.give_back(port));
  others_ports_ = std::move(ports);
  return std::exchange(restored_ports_, false) ? reserved_.forget_others() : absl::OkStatus();
}

std::string FrontendWriter::node_port_owner(uint8_t protocol, uint16_t port) const {
  for (const bool v4 : {true, false}) {
    KeyBytes key{};
    key.address = datapath::node_port_address(v4);
    key.port = datapath::port_be(port);
    key.protocol = protocol;
    const auto it = installed_.find(key);
    if (it != installed_.end() && it->second.owner) return *it->second.owner;
  }
  return "";
}

// Ids are not reused before they wrap: affinity and flows of a dead service must not be taken for
// another's.
uint32_t FrontendWriter::next_service_id() {
  if (++last_service_id_ == 0) last_service_id_ = 1;
  return last_service_id_;
}

}  // namespace skiff::proxy
