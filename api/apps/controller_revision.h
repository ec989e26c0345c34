// SPDX-License-Identifier: Apache-2.0
// ControllerRevisions: earlier templates of daemon and stateful sets.
#pragma once

#include <cstdint>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A snapshot of a template, immutable.
struct ControllerRevision {
  ObjectMeta metadata;
  RawJson data;
  int64_t revision = 0;
};
KUBE_TYPE(ControllerRevision)

}  // namespace skiff::api
