// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/groups.h"

namespace skiff::apiserver {

void add_apiextensions(Registry&, const Parts&) {}

}  // namespace skiff::apiserver
