// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/list_options.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <charconv>

#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/request_info.h"
#include "kube/json_scan.h"

namespace skiff::apiserver {
namespace {

std::optional<int64_t> to_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Status refused(Cause cause) {
  return errors::invalid({"meta.k8s.io", "ListOptions"}, "", {std::move(cause)});
}

Status check_match(const ListOptions& options, std::string_view match, bool watch) {
  if (options.send_initial_events) {
    if (!watch)
      return refused(
          cause::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
    if (options.match != RevisionMatch::kNotOlderThan)
      return refused(cause::forbidden(
          "resourceVersionMatch",
          "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    return absl::OkStatus();
  }
  if (match.empty()) return absl::OkStatus();
  if (watch)
    return refused(cause::forbidden(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  if (!options.revision)
    return refused(
        cause::forbidden("resourceVersionMatch",
                         "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  if (!options.continue_token.empty())
    return refused(cause::forbidden("resourceVersionMatch",
                                    "resourceVersionMatch is forbidden when continue is provided"));
  if (options.match == RevisionMatch::kUnset)
    return refused(cause::not_supported("resourceVersionMatch", json_quoted(match),
                                        {"Exact", "NotOlderThan"}));
  if (options.match == RevisionMatch::kExact && *options.revision == 0)
    return refused(
        cause::forbidden("resourceVersionMatch",
                         "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\""));
  return absl::OkStatus();
}

}  // namespace

Result<ListOptions> parse_list_options(const http::Query& query, bool watch) {
  ListOptions options{.continue_token = std::string(query.get("continue")),
                      .bookmarks = query_flag(query, "allowWatchBookmarks")};
  if (const std::string_view limit = query.get("limit"); !limit.empty()) {
    const auto number = to_number(limit);
    if (!number)
      return errors::bad_request(
          fmt::format("limit: cannot read {} as a number", json_quoted(limit)));
    options.limit = *number;
  }
  if (const std::string_view seconds = query.get("timeoutSeconds"); !seconds.empty()) {
    const auto number = to_number(seconds);
    if (!number)
      return errors::bad_request(
          fmt::format("timeoutSeconds: cannot read {} as a number", json_quoted(seconds)));
    options.timeout = std::chrono::seconds(*number);
  }
  if (const std::string_view revision = query.get("resourceVersion"); !revision.empty()) {
    options.revision = to_number(revision);
    if (!options.revision)
      return refused(cause::invalid("resourceVersion", json_quoted(revision),
                                    "strconv.ParseUint: parsing: invalid syntax"));
  }
  const std::string_view match = query.get("resourceVersionMatch");
  if (match == "Exact") options.match = RevisionMatch::kExact;
  if (match == "NotOlderThan") options.match = RevisionMatch::kNotOlderThan;
  if (query.has("sendInitialEvents"))
    options.send_initial_events = query_flag(query, "sendInitialEvents");
  RETURN_IF_ERROR(check_match(options, match, watch));
  if (!options.continue_token.empty() && options.revision.value_or(0) != 0)
    return errors::bad_request("specifying resource version is not allowed when using continue");
  return options;
}

std::string encode_token(const ContinueToken& token) {
  std::string json = R"({"v":"meta.k8s.io/v1")";
  append_raw_member(json, "rv", std::to_string(token.revision));
  append_member(json, "start", token.start);
  return absl::WebSafeBase64Escape(json + "}");
}

Result<ContinueToken> decode_token(std::string_view text) {
  const Status bad = errors::bad_request("continue key is not valid: cannot be read");
  std::string json;
  if (!absl::WebSafeBase64Unescape({text.data(), text.size()}, &json) ||
      kube::json_member(json, "v") != "\"meta.k8s.io/v1\"")
    return bad;
  const auto revision = kube::json_member(json, "rv");
  const auto start = kube::json_member(json, "start");
  if (!revision || !start) return bad;
  ContinueToken token{.start = kube::json_string(*start).value_or("")};
  const auto [end, error] =
      std::from_chars(revision->data(), revision->data() + revision->size(), token.revision);
  if (error != std::errc() || token.start.empty() || token.revision == 0 || token.revision < -1)
    return bad;
  return token;
}

}  // namespace skiff::apiserver
