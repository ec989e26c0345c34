// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/groups.h"
#include "api/storage/classes.h"
#include "api/storage/csi.h"

namespace skiff::api::storage {
namespace {

void storage_class(StorageClass& one) {
  set(one.reclaimPolicy, "Delete");
  set(one.volumeBindingMode, "Immediate");
}

void csi_driver_spec(CSIDriverSpec& spec) {
  set(spec.attachRequired, true);
  set(spec.podInfoOnMount, false);
  set(spec.storageCapacity, false);
  set(spec.fsGroupPolicy, "ReadWriteOnceWithFSType");
  if (spec.volumeLifecycleModes.empty()) spec.volumeLifecycleModes = {"Persistent"};
  set(spec.requiresRepublish, false);
  set(spec.seLinuxMount, false);
}

constexpr DefaultHook kDefaults[] = {
    default_hook<storage_class>(),
    default_hook<csi_driver_spec>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::storage
