// SPDX-License-Identifier: Apache-2.0
// Objects as few bytes, for whoever keeps many of them in memory and looks at few. The form is this
// process's own: it follows the tables, which may change with the next version, so it is neither
// stored nor sent.
#pragma once

#include <string>
#include <string_view>

#include "api/describe.h"

namespace skiff::api {

// Appends `object`; empty fields cost nothing. Not for custom resources (Form::kDocument).
void pack(const TypeInfo& type, const void* object, std::string& out);

// Reads what pack() has written for the same type into the default-valued `*into`.
void unpack(const TypeInfo& type, std::string_view packed, void* into);

}  // namespace skiff::api
