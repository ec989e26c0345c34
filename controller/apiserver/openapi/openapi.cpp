// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/openapi.h"

namespace skiff::openapi {

void add_routes(apiserver::Server&, const apiserver::Registry&) {}

}  // namespace skiff::openapi
