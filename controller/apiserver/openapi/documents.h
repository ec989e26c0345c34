// SPDX-License-Identifier: Apache-2.0
// The OpenAPI documents as JSON values. Pure.
#pragma once

#include "controller/apiserver/openapi/schemas.h"
#include "controller/apiserver/resource.h"

namespace skiff::openapi {

// Everything, in one document of OpenAPI 2.
json::object v2_document(const apiserver::Registry& registry);

// One group version, in a document of OpenAPI 3.
json::object v3_document(const apiserver::Registry& registry, std::string_view group,
                         std::string_view version);

}  // namespace skiff::openapi
