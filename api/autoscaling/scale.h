// SPDX-License-Identifier: Apache-2.0
// autoscaling/v1: the scale subresource.
#pragma once

#include <cstdint>
#include <string>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// The replicas wanted.
struct ScaleSpec {
  int32_t replicas = 0;
};
KUBE_TYPE(ScaleSpec)

// The replicas there are, and the selector that finds them.
struct ScaleStatus {
  int32_t replicas = 0;
  std::string selector;
};
KUBE_TYPE(ScaleStatus)

// The size of anything that has replicas.
struct Scale {
  ObjectMeta metadata;
  ScaleSpec spec;
  ScaleStatus status;
};
KUBE_TYPE(Scale)

}  // namespace skiff::api
