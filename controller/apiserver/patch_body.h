// SPDX-License-Identifier: Apache-2.0
// Patches as they come in: their kind by media type, their document, their effect on JSON.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

#include "controller/apiserver/call.h"

namespace skiff::apiserver {

enum class PatchKind { kJson, kMerge, kStrategic, kApply };

// 415 for other media types.
Result<PatchKind> patch_kind(const http::Headers& headers);
Result<boost::json::value> patch_document(const Call& call, PatchKind kind);
// `current`, JSON of `type`, with `patch` applied. 422 if the patch does not fit.
Result<std::string> apply_patch(const Call& call, PatchKind kind, const api::TypeInfo& type,
                                std::string_view current, const boost::json::value& patch);

}  // namespace skiff::apiserver
