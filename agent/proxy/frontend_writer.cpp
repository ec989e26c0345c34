// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/frontend_writer.h"

#include <netinet/in.h>

#include <algorithm>
#include <set>

namespace skiff::proxy {
namespace {

using namespace std::chrono_literals;

// A program that read a frontend entry uses the range within microseconds; a second is generous.
constexpr auto kQuarantine = 1s;

datapath::FrontendKey to_abi(const FrontendKey& key) {
  datapath::FrontendKey abi{};
  abi.address = key.address.is_unspecified() ? datapath::node_port_address(key.address.is_v4())
                                             : datapath::to_abi(key.address);
  abi.port = datapath::port_be(key.port);
  abi.protocol = key.protocol;
  abi.scope = static_cast<uint8_t>(key.scope);
  return abi;
}

std::vector<datapath::Backend> to_abi(const std::vector<Backend>& backends) {
  std::vector<datapath::Backend> list;
  for (const Backend& backend : backends) {
    datapath::Backend& abi = list.emplace_back();
    abi = {};
    abi.address = datapath::to_abi(backend.address);
    abi.port = datapath::port_be(backend.port);
  }
  // The programs find a backend again by binary search over its bytes.
  std::sort(list.begin(), list.end(), datapath::BytesLess());
  return list;
}

uint32_t flags_of(const Frontend& frontend) {
  return (frontend.two_scopes ? SKIFF_FRONTEND_TWO_SCOPES : 0u) |
         (frontend.drop_empty ? SKIFF_FRONTEND_DROP_EMPTY : 0u) |
         (frontend.node_port ? SKIFF_FRONTEND_NODE_PORT : 0u) |
         (frontend.external ? SKIFF_FRONTEND_EXTERNAL : 0u);
}

bool equal(const std::vector<datapath::Backend>& a, const std::vector<datapath::Backend>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0);
}

bool lost_one(const std::vector<datapath::Backend>& before,
              const std::vector<datapath::Backend>& after) {
  return !std::includes(after.begin(), after.end(), before.begin(), before.end(),
                        datapath::BytesLess());
}

}  // namespace

FrontendWriter::FrontendWriter(datapath::Maps& maps, const Clock& clock)
    : maps_(maps), clock_(clock), ranges_(maps.backends->capacity(), kQuarantine) {}

Status FrontendWriter::restore() {
  RETURN_IF_ERROR(
      maps_.frontends->for_each([&](const KeyBytes& key, const datapath::Frontend& entry) {
        installed_[key] = {.owner = "", .entry = entry, .backends = {}};
        last_service_id_ = std::max(last_service_id_, entry.service_id);
      }),
      "read frontends");
  for (auto& [key, installed] : installed_) {
    if (installed.entry.count == 0) continue;
    RETURN_IF_ERROR(ranges_.reserve(installed.entry.base, installed.entry.count),
                    "restore frontend");
    for (uint32_t i = 0; i < installed.entry.count; ++i) {
      ASSIGN_OR_RETURN(const auto backend, maps_.backends->get(installed.entry.base + i),
                       "read backends");
      installed.backends.push_back(backend.value_or(datapath::Backend{}));
    }
  }
  return absl::OkStatus();
}

Status FrontendWriter::apply(const std::string& owner, const std::vector<Frontend>& wanted) {
  std::set<KeyBytes, datapath::BytesLess> keep;
  Owned& owned = owned_[owner];
  // An internal entry that says "two scopes" needs its external one there already; on the way out
  // it goes first.
  for (const Scope scope : {Scope::kExternal, Scope::kInternal}) {
    for (const Frontend& frontend : wanted) {
      if (frontend.key.scope != scope) continue;
      keep.insert(to_abi(frontend.key));
      RETURN_IF_ERROR(install(owner, owned, frontend), "{}", frontend.service);
    }
  }
  for (const Scope scope : {Scope::kInternal, Scope::kExternal}) {
    const std::vector<KeyBytes> present = owned.keys;
    for (const KeyBytes& key : present) {
      if (keep.contains(key) || key.scope != static_cast<uint8_t>(scope)) continue;
      RETURN_IF_ERROR(remove(key));
      std::erase_if(owned.keys, [&](const KeyBytes& other) {
        return std::memcmp(&other, &key, sizeof(key)) == 0;
      });
    }
  }
  if (owned.keys.empty()) owned_.erase(owner);
  return absl::OkStatus();
}

Status FrontendWriter::install(const std::string& owner, Owned& owned, const Frontend& frontend) {
  const KeyBytes key = to_abi(frontend.key);
  const auto [it, fresh] = installed_.try_emplace(key);
  Installed& installed = it->second;
  if (!installed.owner.empty() && installed.owner != owner)
    return already_exists("{} port {} is served for {}", frontend.key.address.to_string(),
                          frontend.key.port, installed.owner);
  uint32_t& service_id = owned.service_ids[frontend.service];
  if (service_id == 0)
    service_id = installed.entry.service_id != 0 ? installed.entry.service_id : next_service_id();
  if (const Status written = write(key, frontend, service_id, installed); !written.ok()) {
    if (fresh) installed_.erase(it);
    return written;
  }
  if (installed.owner.empty()) {
    owned.keys.push_back(key);
    RETURN_IF_ERROR(reserve_port(key, true));
  }
  installed.owner = owner;
  return absl::OkStatus();
}

Status FrontendWriter::prune() {
  std::vector<KeyBytes> unclaimed;
  for (const auto& [key, installed] : installed_)
    if (installed.owner.empty()) unclaimed.push_back(key);
  for (const KeyBytes& key : unclaimed) RETURN_IF_ERROR(remove(key), "prune");
  return absl::OkStatus();
}

Status FrontendWriter::write(const KeyBytes& key, const Frontend& wanted, uint32_t service_id,
                             Installed& installed) {
  std::vector<datapath::Backend> backends = to_abi(wanted.backends);
  const bool fresh = installed.entry.service_id == 0;
  datapath::Frontend entry = installed.entry;
  entry.service_id = service_id;
  entry.flags = flags_of(wanted);
  entry.affinity_seconds = wanted.affinity_seconds;
  const bool same_backends = !fresh && equal(backends, installed.backends);
  if (!same_backends) {
    if (lost_one(installed.backends, backends)) {
      ++entry.generation;
      lost_udp_ |= key.protocol == IPPROTO_UDP;
    }
    entry.count = static_cast<uint32_t>(backends.size());
    entry.base = 0;
    if (!backends.empty()) {
      ASSIGN_OR_RETURN(entry.base, write_backends(backends));
    }
  }
  if (same_backends && std::memcmp(&entry, &installed.entry, sizeof(entry)) == 0)
    return absl::OkStatus();
  const Status flipped = maps_.frontends->put(key, entry);
  if (!flipped.ok()) {
    if (!same_backends) ranges_.release(entry.base, entry.count, clock_.now());
    return annotate(flipped, "write frontend");
  }
  if (!same_backends) ranges_.release(installed.entry.base, installed.entry.count, clock_.now());
  installed.entry = entry;
  installed.backends = std::move(backends);
  return absl::OkStatus();
}

Status FrontendWriter::remove(const KeyBytes& key) {
  RETURN_IF_ERROR(maps_.frontends->erase(key), "erase frontend");
  const auto it = installed_.find(key);
  if (!it->second.owner.empty()) {
    RETURN_IF_ERROR(reserve_port(key, false));
  }
  lost_udp_ |= key.protocol == IPPROTO_UDP;
  ranges_.release(it->second.entry.base, it->second.entry.count, clock_.now());
  installed_.erase(it);
  return absl::OkStatus();
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
  if (it == installed_.end()) return false;
  datapath::Backend wanted{};
  wanted.address = backend.address;
  wanted.port = backend.port;
  return std::binary_search(it->second.backends.begin(), it->second.backends.end(), wanted,
                            datapath::BytesLess());
}

Status FrontendWriter::reserve_port(const KeyBytes& key, bool taken) {
  if (!datapath::from_abi(key.address).is_unspecified()) return absl::OkStatus();
  const uint16_t port = datapath::port_of(key.port);
  int& users = node_ports_[port];
  users += taken ? 1 : -1;
  if (users > 1 || (users == 1 && !taken)) return absl::OkStatus();
  if (users == 0) node_ports_.erase(port);
  const uint32_t word = port / 64;
  uint64_t bits = 0;
  for (auto it = node_ports_.lower_bound(static_cast<uint16_t>(word * 64));
       it != node_ports_.end() && it->first / 64u == word; ++it)
    bits |= uint64_t{1} << (it->first % 64);
  return annotate(maps_.reserved_ports->put(word, bits), "reserve NodePort");
}

Result<uint32_t> FrontendWriter::write_backends(std::span<const datapath::Backend> backends) {
  const auto count = static_cast<uint32_t>(backends.size());
  ASSIGN_OR_RETURN(const uint32_t base, ranges_.allocate(count, clock_.now()));
  std::vector<uint32_t> indexes(count);
  for (uint32_t i = 0; i < count; ++i) indexes[i] = base + i;
  const Status written = maps_.backends->put_batch(indexes, backends);
  if (!written.ok()) {
    ranges_.release(base, count, clock_.now());
    return annotate(written, "write backends");
  }
  return base;
}

// Ids are not reused before they wrap: affinity and flows of a dead service must not be taken for
// another's.
uint32_t FrontendWriter::next_service_id() {
  if (++last_service_id_ == 0) last_service_id_ = 1;
  return last_service_id_;
}

}  // namespace skiff::proxy
