// SPDX-License-Identifier: Apache-2.0
// The three patches of Kubernetes, over JSON documents. What comes out is decoded and validated
// like any other body.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

#include "api/describe.h"
#include "base/result.h"

namespace skiff::api {

// A document from text, with a Status instead of an exception.
Result<boost::json::value> parse_document(std::string_view json);

// RFC 6902. A failed `test` is kFailedPrecondition, a path that is not there kNotFound (both 422 to
// a client); a malformed patch is kInvalidArgument (400). On an error `document` is unchanged.
skiff::Status apply_json_patch(boost::json::value& document, const boost::json::value& patch);

// RFC 7386.
void apply_merge_patch(boost::json::value& document, const boost::json::value& patch);

// Strategic merge patch of an object of `type`: lists merge by the keys of the tables; understands
// $patch, $setElementOrder, $deleteFromPrimitiveList and $retainKeys. Errors are kInvalidArgument.
skiff::Status apply_strategic_merge_patch(const TypeInfo& type, boost::json::value& document,
                                          const boost::json::value& patch);

}  // namespace skiff::api
