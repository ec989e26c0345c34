// SPDX-License-Identifier: Apache-2.0
// /metrics of the controller: what its parts count in the registry, and figures that are asked for
// when somebody looks.
#pragma once

#include <memory>

#include "base/metrics.h"
#include "controller/apiserver/backend.h"
#include "controller/apiserver/server.h"

namespace skiff::controller {

// Both must outlive the route.
std::unique_ptr<apiserver::Route> metrics_route(metrics::Registry& registry,
                                                const apiserver::Backend& backend);

}  // namespace skiff::controller
