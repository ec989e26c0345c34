// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/async.h"
#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/object.h"

namespace skiff::apiserver {

// Stores a new object of call.resource: server-owned metadata, defaults, admission, validation.
// Returns its bytes; of a dry run, those it would have had.
awaitable<Result<store::Bytes>> create_object(Backend& backend, Call& call, Object object,
                                              bool dry);

}  // namespace skiff::apiserver
