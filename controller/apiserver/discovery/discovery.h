// SPDX-License-Identifier: Apache-2.0
// What the server serves, told to clients: groups, versions, resources, verbs. Documents are built
// from the table of resources for each request, so that custom resources appear by themselves.
#pragma once

#include "controller/apiserver/resource.h"
#include "controller/apiserver/server.h"

namespace skiff::discovery {

// Adds /, /api, /apis and what lies under them that is no resource. Both arguments outlive the
// routes.
void add_routes(apiserver::Server& server, const apiserver::Registry& registry);

}  // namespace skiff::discovery
