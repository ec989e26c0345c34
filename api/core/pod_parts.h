// SPDX-License-Identifier: Apache-2.0
// Writes to a pod through its subresources: what each takes over, and what must hold for the
// change.
#pragma once

#include <vector>

#include "api/core/pod.h"
#include "api/field_errors.h"

namespace skiff::api {

// pods/ephemeralcontainers: `old` with the ephemeral containers of `wanted`.
Pod with_ephemeral_containers(const Pod& wanted, const Pod& old);
std::vector<FieldError> check_ephemeral_containers(const Pod& now, const Pod& old);

// pods/resize (KEP-1287): `old` with the resources and resize policies of the containers of
// `wanted`.
Pod with_resources(const Pod& wanted, const Pod& old);
std::vector<FieldError> check_resize(const Pod& now, const Pod& old);

}  // namespace skiff::api
