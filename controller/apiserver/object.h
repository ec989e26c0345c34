// SPDX-License-Identifier: Apache-2.0
// Objects whose kind is known at run time, and what the generic verbs do with their top-level
// fields.
#pragma once

#include <string_view>

#include "api/any_object.h"

namespace skiff::apiserver {

using Object = api::AnyObject;

// The field at the top called `name` (spec, status, …) copied from `from`, which is of the same
// kind. No such field: nothing.
void copy_field(Object& to, std::string_view name, const Object& from);
void clear_field(Object& object, std::string_view name);
// Equal as JSON; also if there is no such field.
bool same_field(const Object& a, const Object& b, std::string_view name);
// Every top-level field except metadata and status is equal: what generation counts.
bool same_spec(const Object& a, const Object& b);

}  // namespace skiff::apiserver
