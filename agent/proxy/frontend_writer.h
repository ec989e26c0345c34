// SPDX-License-Identifier: Apache-2.0
// Writes frontends and their backends into the datapath's maps so that no packet ever sees half a
// service: the new range of backends first, then the one entry that names it, then bookkeeping; the
// old range rests before it is used again.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "agent/datapath/maps.h"
#include "agent/proxy/range_allocator.h"
#include "agent/proxy/service_plan.h"
#include "base/clock.h"

namespace skiff::proxy {

class FrontendWriter {
 public:
  // `maps` must outlive the writer.
  FrontendWriter(datapath::Maps& maps, const Clock& clock);

  // Takes over what an earlier agent left in the maps: ids, ranges, generations. Once, before
  // anything is written.
  Status restore();

  // Makes `owner`'s frontends equal to `wanted`. Idempotent; after a failure the maps hold the old
  // or the new state of each frontend. A frontend that another owner has is refused by name.
  Status apply(const std::string& owner, const std::vector<Frontend>& wanted);

  // Removes restored frontends that nobody has claimed. Only once every service has been applied.
  Status prune();

  // Whether clients that asked for `asked` may still be served by `backend`.
  bool serves(const datapath::SocketAddress& asked, uint8_t protocol,
              const datapath::SocketAddress& backend) const;
  // True once after UDP backends have left: who is connected to them waits for nobody.
  bool take_lost_udp() { return std::exchange(lost_udp_, false); }

  size_t size() const { return installed_.size(); }

 private:
  struct Installed {
    std::string owner;           // empty: restored, not claimed yet
    datapath::Frontend entry{};  // service_id 0: not written yet
    std::vector<datapath::Backend> backends;
  };
  using KeyBytes = datapath::FrontendKey;

  // What one Service has in the maps.
  struct Owned {
    std::vector<KeyBytes> keys;
    std::map<std::string, uint32_t>
        service_ids;  // Service port -> id: its frontends share affinity
  };

  Status install(const std::string& owner, Owned& owned, const Frontend& frontend);
  Status write(const KeyBytes& key, const Frontend& wanted, uint32_t service_id,
               Installed& installed);
  Status remove(const KeyBytes& key);
  // Source ports of masquerading must never be a NodePort (kept as a bitmap, bpf/maps.h).
  Status reserve_port(const KeyBytes& key, bool taken);
  Result<uint32_t> write_backends(std::span<const datapath::Backend> backends);
  uint32_t next_service_id();

  datapath::Maps& maps_;
  const Clock& clock_;
  RangeAllocator ranges_;
  std::map<KeyBytes, Installed, datapath::BytesLess> installed_;
  std::map<std::string, Owned> owned_;
  std::map<uint16_t, int> node_ports_;  // port -> frontends that have it
  uint32_t last_service_id_ = 0;
  bool lost_udp_ = true;  // whatever left while no agent ran
};

}  // namespace skiff::proxy
