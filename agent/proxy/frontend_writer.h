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

  size_t size() const { return installed_.size(); }

 private:
  struct Installed {
    std::string owner;  // empty: restored, not claimed yet
    datapath::Frontend entry;
    std::vector<datapath::Backend> backends;
  };
  using KeyBytes = datapath::FrontendKey;

  Status write(const KeyBytes& key, const Frontend& wanted, Installed& installed, bool fresh);
  Status remove(const KeyBytes& key);
  Result<uint32_t> write_backends(std::span<const datapath::Backend> backends);
  uint32_t next_service_id();

  datapath::Maps& maps_;
  const Clock& clock_;
  RangeAllocator ranges_;
  std::map<KeyBytes, Installed, datapath::BytesLess> installed_;
  std::map<std::string, std::vector<KeyBytes>> owned_;
  uint32_t last_service_id_ = 0;
};

}  // namespace skiff::proxy
