// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/protobuf.h"
#include "api/yaml.h"
#include "controller/apiserver/accept.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kProtobuf = "application/vnd.kubernetes.protobuf";
constexpr const char* kAccepted =
    "application/json, application/yaml, application/vnd.kubernetes.protobuf";

std::string cannot_handle(const api::Kind& kind, std::string_view why) {
  return fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}", kind.kind,
                     kind.version, why);
}

// Evictions are asked for under a version that is gone otherwise, too (kubectl 1.20): Kubernetes
// takes both, which say the same.
std::string_view served_version(std::string_view api_version, std::string_view kind) {
  return kind == "Eviction" && api_version == "policy/v1beta1" ? "policy/v1" : api_version;
}

Status check_type(std::string_view json, const api::Kind& kind) {
  const auto names = api::peek_type(json);
  if (!names.ok()) return errors::bad_request(cannot_handle(kind, message(names.status())));
  if (!names->apiVersion.empty() &&
      served_version(names->apiVersion, names->kind) != kind.api_version())
    return errors::bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    names->apiVersion, kind.api_version()));
  if (!names->kind.empty() && names->kind != kind.kind)
    return errors::bad_request(fmt::format(
        "the kind in the data ({}) does not match the expected kind ({})", names->kind, kind.kind));
  return absl::OkStatus();
}

// A protobuf body as the JSON it stands for: one way into the rest of the server.
Result<std::string> protobuf_to_json(std::string_view body) {
  if (body.empty()) return std::string();
  auto envelope = api::open_protobuf(body);
  if (!envelope.ok()) return errors::bad_request(message(envelope.status()));
  // DeleteOptions come under the version of the object that they delete.
  const api::Kind* kind =
      envelope->kind == "DeleteOptions"
          ? api::find_kind("v1", envelope->kind)
          : api::find_kind(served_version(envelope->apiVersion, envelope->kind), envelope->kind);
  if (kind == nullptr)
    return errors::bad_request(fmt::format("no kind \"{}\" is registered for version \"{}\"",
                                           envelope->kind, envelope->apiVersion));
  Object object(*kind);
  if (const Status decoded = api::decode_protobuf(*kind->type, object.data(), envelope->raw);
      !decoded.ok())
    return errors::bad_request(cannot_handle(*kind, message(decoded)));
  return object.to_json();
}

}  // namespace

Result<FieldValidation> field_validation(const http::Query& query) {
  const std::string_view value = query.get("fieldValidation");
  if (value.empty() || value == "Warn") return FieldValidation::kWarn;
  if (value == "Ignore") return FieldValidation::kIgnore;
  if (value == "Strict") return FieldValidation::kStrict;
  return errors::invalid(
      {"meta.k8s.io", "CreateOptions"}, "",
      {cause::not_supported("fieldValidation", json_quoted(value), {"Ignore", "Strict", "Warn"})});
}

Result<bool> dry_run(const http::Query& query) {
  for (std::string_view value : query.all("dryRun"))
    if (value != "All")
      return errors::invalid({"meta.k8s.io", "CreateOptions"}, "",
                             {cause::not_supported("dryRun", json_quoted(value), {"All"})});
  return query.has("dryRun");
}

Result<std::string> json_body(const http::Request& request) {
  const MediaRange type = parse_media_type(request.headers.get("content-type"));
  if (type.type.empty() || type.type == "application/json") return request.body;
  if (type.type == "application/yaml") {
    auto json = api::yaml_to_json(request.body);
    if (!json.ok())
      return errors::bad_request(
          fmt::format("error converting YAML to JSON: {}", message(json.status())));
    return json;
  }
  if (type.type == kProtobuf) return protobuf_to_json(request.body);
  return errors::unsupported_media_type(kAccepted);
}

std::string strict_error(const std::vector<std::string>& problems) {
  return fmt::format("strict decoding error: {}", fmt::join(problems, ", "));
}

Result<Object> decode_object(std::string_view json, const api::Kind& kind,
                             std::vector<std::string>* problems) {
  RETURN_IF_ERROR(check_type(json, kind));
  api::DecodeReport report;
  auto object = Object::from_json(kind, json, problems == nullptr ? nullptr : &report);
  if (!object.ok()) return errors::bad_request(cannot_handle(kind, message(object.status())));
  if (problems != nullptr) *problems = std::move(report.problems);
  return object;
}

Result<Object> decode_body(const http::Request& request, const api::Kind& kind,
                           std::vector<std::string>& warnings) {
  ASSIGN_OR_RETURN(const FieldValidation validation, field_validation(request.query));
  ASSIGN_OR_RETURN(const std::string json, json_body(request));
  if (json.empty()) return errors::bad_request("the request has no body");
  std::vector<std::string> problems;
  ASSIGN_OR_RETURN(
      Object object,
      decode_object(json, kind, validation == FieldValidation::kIgnore ? nullptr : &problems));
  if (validation == FieldValidation::kStrict && !problems.empty())
    return errors::bad_request(cannot_handle(kind, strict_error(problems)));
  warnings.insert(warnings.end(), problems.begin(), problems.end());
  return object;
}

}  // namespace skiff::apiserver
