// SPDX-License-Identifier: Apache-2.0
// The metadata the server owns, and the rules for the rest of it.
#pragma once

#include <string>

#include "base/clock.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/object.h"
#include "controller/apiserver/strategy.h"

namespace skiff::apiserver {

std::string new_uid();
// Five random characters that spell no word, as generateName appends them.
std::string random_suffix();

// Fills in what a new object gets: namespace and name from the request, uid, creationTimestamp,
// first generation. What a client may not set is wiped. 400 if body and URL contradict each other.
Status adopt_new(Object& object, const Call& call, TimePoint now);
// Gives `object` a name from its generateName.
void generate_name(Object& object);

// Puts what only the server may change back to what `current` has; managedFields are seen to
// elsewhere (managed_fields.h).
void restore_owned(Object& object, const Object& current);
// The rules of a change: uid, resourceVersion (409), finalizers of an object in deletion (422).
Status check_change(const Object& object, const Object& current, const Resource& resource);

}  // namespace skiff::apiserver
