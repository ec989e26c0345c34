// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"
#include "api/storage/classes.h"
#include "api/storage/csi.h"

namespace skiff::api::storage {
namespace {
constexpr const char* kGroup = "storage.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<StorageClass>(kGroup, "storageclasses", kCluster, {"sc"}),
      stored<VolumeAttributesClass>(kGroup, "volumeattributesclasses", kCluster, {"vac"}),
      stored<VolumeAttachment>(kGroup, "volumeattachments", kCluster),
      stored<CSIDriver>(kGroup, "csidrivers", kCluster),
      stored<CSINode>(kGroup, "csinodes", kCluster),
      stored<CSIStorageCapacity>(kGroup, "csistoragecapacities", kNamespaced),
  };
  return all;
}

}  // namespace skiff::api::storage
