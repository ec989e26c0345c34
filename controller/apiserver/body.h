// SPDX-License-Identifier: Apache-2.0
// Request bodies as objects: JSON, YAML or protobuf in, typed objects out, unknown fields reported
// as the client asked.
#pragma once

#include <string>
#include <vector>

#include "base/http/message.h"
#include "controller/apiserver/object.h"

namespace skiff::apiserver {

enum class FieldValidation { kIgnore, kWarn, kStrict };

// The query parameter `fieldValidation`; Warn if absent.
Result<FieldValidation> field_validation(const http::Query& query);

// The body as JSON text, whatever it came as. 415 for other media types.
Result<std::string> json_body(const http::Request& request);

// The body as an object of `kind`, whose apiVersion and kind it must not contradict. Problems that
// do not refuse it go to `warnings`.
Result<Object> decode_body(const http::Request& request, const api::Kind& kind,
                           std::vector<std::string>& warnings);
// The same for JSON text; `problems` null: unknown and duplicate fields do not matter.
Result<Object> decode_object(std::string_view json, const api::Kind& kind,
                             std::vector<std::string>* problems);
// `strict decoding error: unknown field "spec.x", …`.
std::string strict_error(const std::vector<std::string>& problems);

// True if the query asks for a dry run; 422 for a value other than All.
Result<bool> dry_run(const http::Query& query);

}  // namespace skiff::apiserver
