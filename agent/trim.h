// SPDX-License-Identifier: Apache-2.0
// What the agent leaves out of the objects it keeps of the whole cluster, because nothing on a node
// reads it.
#pragma once

#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"

namespace skiff::agent {

// History and ownership: managedFields, ownerReferences, finalizers, what kubectl last applied.
void trim(api::ObjectMeta& metadata);
// Also whom the Service selects: its slices say who that is.
void trim(api::Service& service);
// Also its labels but those that say whose it is.
void trim(api::EndpointSlice& slice);

}  // namespace skiff::agent
