// SPDX-License-Identifier: Apache-2.0
// OpenAPI 2 as protobuf, the only form that kubectl before 1.27 reads: the message
// `openapi.v2.Document` of gnostic.
#pragma once

#include <boost/json.hpp>

#include <string>

namespace skiff::openapi {

// `document` is one of v2_document(): what that never writes is not looked for.
std::string gnostic_document(const boost::json::object& document);

}  // namespace skiff::openapi
