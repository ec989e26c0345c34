// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/async.h"
#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/object.h"

namespace skiff::apiserver {

// What a write to an object may change.
enum class Part {
  kMain,    // all but status
  kStatus,  // status, labels and annotations
  kRules,   // what the subresource's PartRules say (ephemeralcontainers, resize)
  kAny,     // subresources with a function of their own (binding, finalize)
};

// The part of a call that updates or patches the object itself.
Part part_of(const Call& call);

// Gives the wanted object from the current one. Called again with the newer state when another
// writer was faster, so it must not remember.
using Change = std::function<Result<Object>(const Object& current)>;

// Changes the object `call` names. A change that changes nothing writes nothing; one that takes the
// last finalizer of an object in deletion removes it. Returns the bytes it has now.
awaitable<Result<store::Bytes>> update_object(Backend& backend, Call& call, Part part, bool dry,
                                              Change change);

}  // namespace skiff::apiserver
