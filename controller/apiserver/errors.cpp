// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/errors.h"

#include <absl/strings/cord.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>

#include "controller/apiserver/json_text.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kCodePayload = "skiff.io/http-code";
constexpr const char* kReasonPayload = "skiff.io/reason";
constexpr const char* kContinuePayload = "skiff.io/continue";
constexpr const char* kDetailsPayload = "skiff.io/details";

struct Mapping {
  StatusCode code;
  int http;
  const char* reason;
};
constexpr std::array<Mapping, 11> kMappings = {{
    {StatusCode::kNotFound, 404, "NotFound"},
    {StatusCode::kAlreadyExists, 409, "AlreadyExists"},
    {StatusCode::kAborted, 409, "Conflict"},
    {StatusCode::kOutOfRange, 410, "Expired"},
    {StatusCode::kInvalidArgument, 400, "BadRequest"},
    {StatusCode::kPermissionDenied, 403, "Forbidden"},
    {StatusCode::kUnauthenticated, 401, "Unauthorized"},
    {StatusCode::kUnavailable, 503, "ServiceUnavailable"},
    {StatusCode::kDeadlineExceeded, 504, "Timeout"},
    {StatusCode::kUnimplemented, 501, "NotImplemented"},
    {StatusCode::kFailedPrecondition, 422, "Invalid"},
}};

const Mapping& mapping_of(StatusCode code) {
  static constexpr Mapping kInternal = {StatusCode::kInternal, 500, "InternalError"};
  for (const Mapping& mapping : kMappings)
    if (mapping.code == code) return mapping;
  return kInternal;
}

// From a view: Debian's abseil does not export the constructor from a string.
absl::Cord cord(std::string_view text) {
  return absl::Cord(absl::string_view(text.data(), text.size()));
}

std::string details_document(const StatusDetails& details) {
  std::string out = "{";
  append_member(out, "name", details.name);
  append_member(out, "group", details.group);
  append_member(out, "kind", details.kind);
  append_member(out, "uid", details.uid);
  if (!details.causes.empty()) {
    std::string causes = "[";
    for (const Cause& one : details.causes) {
      if (causes.size() > 1) causes += ',';
      std::string item = "{";
      append_member(item, "reason", one.reason);
      append_member(item, "message", one.message);
      append_member(item, "field", one.field);
      causes += item + "}";
    }
    append_raw_member(out, "causes", causes + "]");
  }
  if (details.retry_after_seconds > 0)
    append_raw_member(out, "retryAfterSeconds", std::to_string(details.retry_after_seconds));
  return out + "}";
}

Status make(StatusCode code, int http, std::string_view reason, std::string_view message,
            const StatusDetails& details = {}) {
  Status status(code, {message.data(), message.size()});
  status.SetPayload(kCodePayload, cord(std::to_string(http)));
  status.SetPayload(kReasonPayload, cord(reason));
  const std::string document = details_document(details);
  if (document != "{}") status.SetPayload(kDetailsPayload, cord(document));
  return status;
}

std::string payload(const Status& status, const char* url) {
  const auto found = status.GetPayload(url);
  return found.has_value() ? std::string(*found) : std::string();
}

StatusDetails about(const Qualified& resource, std::string_view name) {
  return {.name = std::string(name),
          .group = std::string(resource.group),
          .kind = std::string(resource.name)};
}

}  // namespace

std::string Qualified::to_string() const {
  return group.empty() ? std::string(name) : fmt::format("{}.{}", name, group);
}

namespace cause {
Cause required(std::string field, std::string_view detail) {
  return {"FieldValueRequired",
          detail.empty() ? "Required value" : fmt::format("Required value: {}", detail),
          std::move(field)};
}
Cause invalid(std::string field, std::string_view value, std::string_view detail) {
  return {"FieldValueInvalid", fmt::format("Invalid value: {}: {}", value, detail),
          std::move(field)};
}
Cause not_supported(std::string field, std::string_view value,
                    const std::vector<std::string>& supported) {
  std::vector<std::string> names;
  for (const std::string& one : supported) names.push_back(json_quoted(one));
  return {"FieldValueNotSupported",
          fmt::format("Unsupported value: {}: supported values: {}", value, fmt::join(names, ", ")),
          std::move(field)};
}
Cause duplicate(std::string field, std::string_view value) {
  return {"FieldValueDuplicate", fmt::format("Duplicate value: {}", value), std::move(field)};
}
Cause forbidden(std::string field, std::string_view detail) {
  return {"FieldValueForbidden", fmt::format("Forbidden: {}", detail), std::move(field)};
}
}  // namespace cause

namespace errors {

Status not_found(const Qualified& resource, std::string_view name) {
  return make(StatusCode::kNotFound, 404, "NotFound",
              fmt::format("{} \"{}\" not found", resource.to_string(), name),
              about(resource, name));
}

Status already_exists(const Qualified& resource, std::string_view name) {
  return make(StatusCode::kAlreadyExists, 409, "AlreadyExists",
              fmt::format("{} \"{}\" already exists", resource.to_string(), name),
              about(resource, name));
}

Status conflict(const Qualified& resource, std::string_view name, std::string_view reason) {
  return make(StatusCode::kAborted, 409, "Conflict",
              fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", resource.to_string(),
                          name, reason),
              about(resource, name));
}

Status modified(const Qualified& resource, std::string_view name) {
  return conflict(resource, name,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

Status apply_conflict(std::string_view message, std::vector<Cause> causes) {
  return make(StatusCode::kAborted, 409, "Conflict", message, {.causes = std::move(causes)});
}

Status invalid(const Qualified& kind, std::string_view name, std::vector<Cause> causes) {
  std::vector<std::string> lines;
  for (const Cause& one : causes)
    lines.push_back(one.field.empty() ? one.message
                                      : fmt::format("{}: {}", one.field, one.message));
  const std::string text =
      lines.size() == 1 ? lines[0] : fmt::format("[{}]", fmt::join(lines, ", "));
  StatusDetails details = about(kind, name);
  details.causes = std::move(causes);
  return make(StatusCode::kInvalidArgument, 422, "Invalid",
              fmt::format("{} \"{}\" is invalid: {}", kind.to_string(), name, text), details);
}

Status forbidden(const Qualified& resource, std::string_view name, std::string_view reason,
                 std::vector<Cause> causes) {
  StatusDetails details = about(resource, name);
  details.causes = std::move(causes);
  std::string what;  // a path that is no resource goes without
  if (!resource.name.empty()) what = resource.to_string() + " ";
  if (!name.empty()) what += fmt::format("\"{}\" ", name);
  if (!what.empty()) what += "is ";
  return make(StatusCode::kPermissionDenied, 403, "Forbidden",
              fmt::format("{}forbidden: {}", what, reason), details);
}

Status bad_request(std::string_view message) {
  return make(StatusCode::kInvalidArgument, 400, "BadRequest", message);
}
Status unauthorized() {
  return make(StatusCode::kUnauthenticated, 401, "Unauthorized", "Unauthorized");
}
Status expired(std::string_view message, std::string_view continue_token) {
  Status status = make(StatusCode::kOutOfRange, 410, "Expired", message);
  if (!continue_token.empty()) status.SetPayload(kContinuePayload, cord(continue_token));
  return status;
}

Status too_large_revision(int64_t wanted, int64_t current) {
  StatusDetails details{.causes = {{"ResourceVersionTooLarge", "Too large resource version", ""}},
                        .retry_after_seconds = 1};
  return make(StatusCode::kDeadlineExceeded, 504, "Timeout",
              fmt::format("Too large resource version: {}, current: {}", wanted, current), details);
}

Status method_not_allowed(std::string_view message) {
  return make(StatusCode::kUnimplemented, 405, "MethodNotAllowed", message);
}
Status not_acceptable() {
  return make(StatusCode::kInvalidArgument, 406, "NotAcceptable",
              "only the following media types are accepted: application/json, application/yaml");
}
Status unsupported_media_type(std::string_view accepted) {
  return make(
      StatusCode::kInvalidArgument, 415, "UnsupportedMediaType",
      fmt::format(
          "the body of the request was in an unknown format - accepted media types include: {}",
          accepted));
}
Status too_many_requests(std::string_view message, int retry_after_seconds,
                         std::vector<Cause> causes) {
  return make(StatusCode::kResourceExhausted, 429, "TooManyRequests", message,
              {.causes = std::move(causes), .retry_after_seconds = retry_after_seconds});
}
Status request_too_large(size_t limit_bytes) {
  return make(StatusCode::kInvalidArgument, 413, "RequestEntityTooLarge",
              fmt::format("Request entity too large: limit is {}", limit_bytes));
}
Status server_timeout(std::string_view message) {
  return make(StatusCode::kDeadlineExceeded, 504, "Timeout", message);
}
Status unavailable(std::string_view message) {
  return make(StatusCode::kUnavailable, 503, "ServiceUnavailable", message);
}
Status plain(std::string_view message) {
  return make(StatusCode::kInternal, 500, "", message);
}
Status internal(std::string_view message) {
  return make(StatusCode::kInternal, 500, "InternalError",
              fmt::format("Internal error occurred: {}", message));
}

}  // namespace errors

bool is_store_conflict(const Status& status) {
  return status.code() == StatusCode::kAborted && payload(status, kCodePayload).empty();
}

int http_code(const Status& status) {
  const std::string code = payload(status, kCodePayload);
  int value = 0;
  std::from_chars(code.data(), code.data() + code.size(), value);
  return value != 0 ? value : mapping_of(status.code()).http;
}

std::string status_document(const Status& status) {
  std::string reason = payload(status, kReasonPayload);
  if (reason.empty()) reason = mapping_of(status.code()).reason;
  std::string metadata = "{";
  append_member(metadata, "continue", payload(status, kContinuePayload));
  std::string out = R"({"kind":"Status","apiVersion":"v1")";
  append_raw_member(out, "metadata", metadata + "}");
  append_member(out, "status", "Failure");
  append_member(out, "message", message(status));
  append_member(out, "reason", reason);
  if (const std::string details = payload(status, kDetailsPayload); !details.empty())
    append_raw_member(out, "details", details);
  append_raw_member(out, "code", std::to_string(http_code(status)));
  return out + "}";
}

std::string success_document(const StatusDetails& details) {
  std::string out = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success")";
  append_raw_member(out, "details", details_document(details));
  return out + "}";
}

http::Response error_response(const Status& status) {
  http::Response response =
      http::Response::text(http_code(status), status_document(status) + "\n", "application/json");
  if (response.status == 429 || response.status == 504) response.headers.set("retry-after", "1");
  return response;
}

}  // namespace skiff::apiserver
