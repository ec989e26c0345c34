// SPDX-License-Identifier: Apache-2.0
// coordination.k8s.io/v1: Leases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Who holds a lease, since when, for how long.
struct LeaseSpec {
  std::optional<std::string> holderIdentity;
  std::optional<int32_t> leaseDurationSeconds;
  MicroTime acquireTime;
  MicroTime renewTime;
  std::optional<int32_t> leaseTransitions;
  std::optional<std::string> strategy;
  std::optional<std::string> preferredHolder;
};
KUBE_TYPE(LeaseSpec)

// A lock with a time limit, or a sign of life.
struct Lease {
  ObjectMeta metadata;
  LeaseSpec spec;
};
KUBE_TYPE(Lease)

}  // namespace skiff::api
