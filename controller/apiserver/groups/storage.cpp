// SPDX-License-Identifier: Apache-2.0
#include "api/storage/classes.h"
#include "api/storage/csi.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {

void add_storage(Registry& registry, const Parts&) {
  registry.add(row<api::StorageClass>());
  registry.add(row<api::VolumeAttributesClass>());
  Resource attachments = row<api::VolumeAttachment>();
  attachments.subresources = {status_part()};
  registry.add(std::move(attachments));
  Resource drivers = row<api::CSIDriver>();
  drivers.tracks_generation = true;
  registry.add(std::move(drivers));
  registry.add(row<api::CSINode>());
  registry.add(row<api::CSIStorageCapacity>());
}

}  // namespace skiff::apiserver
