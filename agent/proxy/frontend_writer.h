// SPDX-License-Identifier: Apache-2.0
// Writes frontends and their backends into the datapath's maps so that no packet ever sees half a
// service: the new range of backends first, then the one entry that names it, then bookkeeping; the
// old range rests before it is used again.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "agent/datapath/maps.h"
#include "agent/proxy/backend_table.h"
#include "agent/proxy/maglev_tables.h"
#include "agent/proxy/reserved_ports.h"
#include "agent/proxy/service_plan.h"
#include "agent/proxy/source_ranges.h"
#include "base/clock.h"

namespace skiff::proxy {

// Whether after this answer of apply() everything that is to stay has its owner: what fails for
// want of room or because another has it will not be another time's surprise.
inline bool settles(const Status& applied) {
  return applied.ok() || applied.code() == StatusCode::kAlreadyExists ||
         applied.code() == StatusCode::kResourceExhausted;
}

// Backends whose clients wait for nobody, unless they stay with another Service.
struct LostBackends {
  bool datagrams = false;  // UDP backends have left: any socket may have asked for one
  // TCP backends that were leaving, and have left: pods that are no more.
  std::set<datapath::SocketAddress, datapath::BytesLess> connections;

  bool empty() const { return !datagrams && connections.empty(); }
  bool concern(uint8_t protocol, const datapath::SocketAddress& backend) const;
};

// Service id -> "namespace/name:port".
using ServicePorts = absl::btree_map<uint32_t, const std::string*>;

class FrontendWriter {
 public:
  // `maps` must outlive the writer.
  FrontendWriter(datapath::Maps& maps, const Clock& clock);

  // Takes over what an earlier agent left in the maps: ids, ranges, generations. Once, before
  // anything is written.
  Status restore();

  // Makes `owner`'s frontends equal to `wanted`. Idempotent. After a failure the maps hold the old
  // or the new state of each frontend, and everything that did not fail is done: a frontend that
  // another owner has is refused by name (AlreadyExists); where a map is full (ResourceExhausted),
  // a frontend gets as many of its backends as there is room for.
  Status apply(const std::string& owner, const std::vector<Frontend>& wanted);

  // Removes restored frontends that nobody has claimed. Only once every service has been applied.
  Status prune();

  // Whether clients that asked for `asked` may still be served by `backend`.
  bool serves(const datapath::SocketAddress& asked, uint8_t protocol,
              const datapath::SocketAddress& backend) const;
  // Who has the NodePort; empty: nobody.
  std::string node_port_owner(uint8_t protocol, uint16_t port) const;
  // Besides NodePorts and HostPorts, masquerading shall not choose these ports. Once every Service
  // and HostPort has been applied; idempotent.
  Status reserve_ports(std::set<uint16_t> ports);
  // What has been lost since the last call.
  LostBackends take_lost() { return std::exchange(lost_, {}); }

  // Of what has been applied.
  const ServicePorts& service_ports() const { return id_users_; }
  size_t size() const { return installed_.size(); }
  const BackendTable& backends() const { return backends_; }

 private:
  using KeyBytes = datapath::FrontendKey;
  using KeySet = absl::btree_set<KeyBytes, datapath::BytesLess>;
  // Frontends of one apply() with the same endpoints share a range.
  using Backends = std::vector<Backend>;
  using Shared = std::map<std::tuple<Backends, Backends, Backends>, RangePtr>;

  struct Installed {
    const std::string* owner = nullptr;  // a key of owned_; null: restored, not claimed yet
    datapath::Frontend entry{};          // service_id 0: not written yet
    RangePtr range;
    MaglevPtr maglev;  // null: none
  };

  // What one owner has in the maps.
  struct Owned {
    KeySet keys;
    // Service port -> id: its frontends share affinity. Others point to its keys.
    std::map<std::string, uint32_t> service_ids;
  };

  Status install(const std::string& owner, Owned& owned, const Frontend& frontend, Shared& shared);
  Status write(const KeyBytes& key, const Frontend& wanted, uint32_t service_id,
               Installed& installed, Shared& shared);
  Result<RangePtr> range_for(const Frontend& wanted, const RangePtr& present, Shared& shared);
  Status spread(const Frontend& wanted, const RangePtr& range, datapath::Frontend& entry,
                Installed& installed, MaglevPtr& maglev);
  Status remove(const KeyBytes& key);
  Status forget_use_of_others(const std::set<uint32_t>& alive);
  Status remove_all_but(Owned& owned, const KeySet& keep);
  Status allow_sources(Owned& owned, const std::vector<Frontend>& wanted);
  Status drop_sources(Owned& owned, const std::vector<Frontend>& wanted);
  void note_lost(uint8_t protocol, const RangePtr& before, const RangePtr& after);
  uint32_t id_of(Owned& owned, const Frontend& frontend);
  uint32_t next_service_id();

  datapath::Maps& maps_;
  BackendTable backends_;
  MaglevTables maglev_;
  SourceRanges sources_;
  ReservedPorts reserved_;
  std::set<uint16_t> others_ports_;  // see reserve_ports()
  bool restored_ports_ = true;       // the map may have those of an earlier agent
  std::map<KeyBytes, Installed, datapath::BytesLess> installed_;
  std::map<std::string, Owned> owned_;
  ServicePorts id_users_;  // their names lie in owned_
  uint32_t last_service_id_ = 0;
  LostBackends lost_ = {.datagrams = true, .connections = {}};  // while no agent ran
};

}  // namespace skiff::proxy
