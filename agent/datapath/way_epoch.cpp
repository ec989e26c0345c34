// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/way_epoch.h"

#include "agent/datapath/map_upgrade.h"

namespace skiff::datapath {

Result<std::shared_ptr<WayEpoch>> WayEpoch::open(const std::string& pin_dir) {
  ASSIGN_OR_RETURN(KernelMapHandle map,
                   KernelMapHandle::open_pinned(map_path(pin_dir, "way_epoch"), sizeof(uint32_t),
                                                sizeof(uint32_t)));
  return std::make_shared<WayEpoch>(std::move(map));
}

Status WayEpoch::advance() {
  const uint32_t zero = 0;
  uint32_t number = 0;
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(map_.get(&zero, &number).status(), "way epoch");
  if (++number == 0) ++number;
  return annotate(map_.put(&zero, &number), "way epoch");
}

}  // namespace skiff::datapath
