// SPDX-License-Identifier: Apache-2.0
// What every write passes, in order: defaults, who owns which field, the kind's own preparation,
// validation.
#pragma once

#include "controller/apiserver/call.h"
#include "controller/apiserver/object.h"
#include "controller/apiserver/strategy.h"

namespace skiff::apiserver {

// A namespaced object is only created in a namespace that exists (404) and stays (403).
Status check_namespace(const store::Store& store, const Call& call, std::string_view name);

Status admit_create(Object& object, const Call& call, WriteContext& context);
Status admit_update(Object& object, const Object& current, const Call& call, WriteContext& context);
// A write through a subresource with rules of its own.
Status admit_part(Object& object, const Object& current, const Call& call, WriteContext& context,
                  const PartRules& rules);

}  // namespace skiff::apiserver
