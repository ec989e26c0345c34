// SPDX-License-Identifier: Apache-2.0
// Schemas of everything served, from the field tables: what `kubectl explain` shows, what `kubectl
// apply` and `diff` take merge keys from.
#pragma once

#include "controller/apiserver/resource.h"
#include "controller/apiserver/server.h"

namespace skiff::openapi {

// Adds /openapi/v2 and /openapi/v3. Both arguments outlive the routes.
void add_routes(apiserver::Server& server, const apiserver::Registry& registry);

}  // namespace skiff::openapi
