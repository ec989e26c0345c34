// SPDX-License-Identifier: Apache-2.0
// The query parameters of list and watch, checked against each other as kube-apiserver does
// (apimachinery's ListOptions).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/http/message.h"
#include "base/result.h"

namespace skiff::apiserver {

enum class RevisionMatch { kUnset, kExact, kNotOlderThan };

struct ListOptions {
  int64_t limit = 0;
  std::string continue_token;
  std::optional<int64_t> revision;  // absent: resourceVersion was not given
  RevisionMatch match = RevisionMatch::kUnset;
  std::optional<bool> send_initial_events;
  bool bookmarks = false;
  std::chrono::seconds timeout{0};  // 0: not given
};

Result<ListOptions> parse_list_options(const http::Query& query, bool watch);

// Where the next page begins. `revision` -1: from whatever is newest (an expired token's
// successor).
struct ContinueToken {
  int64_t revision = 0;
  std::string start;  // key relative to the list's prefix
};
std::string encode_token(const ContinueToken& token);
Result<ContinueToken> decode_token(std::string_view text);

}  // namespace skiff::apiserver
