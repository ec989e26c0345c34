// SPDX-License-Identifier: Apache-2.0
// PATCH: three kinds of patch over the current JSON. Server-side apply is in apply.cpp.
#include <fmt/format.h>
#include <boost/json.hpp>

#include "api/patch.h"
#include "api/yaml.h"
#include "controller/apiserver/accept.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/managed_fields.h"
#include "controller/apiserver/patch_body.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/update.h"
#include "controller/apiserver/verbs.h"

namespace skiff::apiserver {
namespace {

constexpr size_t kMaxJsonPatchOperations = 10'000;

Status invalid_patch(const Call& call, std::string_view why) {
  return errors::invalid(call.resource->qualified_kind(), call.info.name,
                         {cause::invalid("patch", json_quoted(call.request.body), why)});
}

Status apply_to(PatchKind kind, const api::TypeInfo& type, boost::json::value& document,
                const boost::json::value& patch) {
  switch (kind) {
    case PatchKind::kJson:
      return api::apply_json_patch(document, patch);
    case PatchKind::kMerge:
      api::apply_merge_patch(document, patch);
      return absl::OkStatus();
    case PatchKind::kStrategic:
    case PatchKind::kApply:
      return api::apply_strategic_merge_patch(type, document, patch);
  }
  return absl::OkStatus();
}

// 400 for a patch that cannot be read, 422 for one that cannot be applied.
Status patch_error(const Call& call, const Status& status) {
  if (status.code() == StatusCode::kInvalidArgument) return errors::bad_request(message(status));
  return invalid_patch(call, message(status));
}

}  // namespace

Result<PatchKind> patch_kind(const http::Headers& headers) {
  const std::string type = parse_media_type(headers.get("content-type")).type;
  if (type == "application/json-patch+json") return PatchKind::kJson;
  if (type == "application/merge-patch+json") return PatchKind::kMerge;
  if (type == "application/strategic-merge-patch+json") return PatchKind::kStrategic;
  if (type == "application/apply-patch+yaml") return PatchKind::kApply;
  return errors::unsupported_media_type(
      "application/json-patch+json, application/merge-patch+json, "
      "application/strategic-merge-patch+json, "
      "application/apply-patch+yaml");
}

Result<boost::json::value> patch_document(const Call& call, PatchKind kind) {
  std::string text = call.request.body;
  if (kind == PatchKind::kApply) {
    auto json = api::yaml_to_json(text);
    if (!json.ok())
      return errors::bad_request(fmt::format("error decoding YAML: {}", message(json.status())));
    text = std::move(*json);
  }
  auto document = api::parse_document(text);
  if (!document.ok())
    return errors::bad_request(fmt::format("error decoding patch: {}", message(document.status())));
  if (kind == PatchKind::kJson && document->is_array() &&
      document->as_array().size() > kMaxJsonPatchOperations)
    return errors::request_too_large(kMaxJsonPatchOperations);
  if (kind != PatchKind::kJson && !document->is_object())
    return errors::bad_request("error decoding patch: expected an object");
  return document;
}

Result<std::string> apply_patch(const Call& call, PatchKind kind, const api::TypeInfo& type,
                                std::string_view current, const boost::json::value& patch) {
  ASSIGN_OR_RETURN(boost::json::value document, api::parse_document(current), "stored object");
  if (const Status applied = apply_to(kind, type, document, patch); !applied.ok())
    return patch_error(call, applied);
  return boost::json::serialize(document);
}

namespace {

// The object that the patch makes of `current`. Problems of field validation go to `call.warnings`
// or refuse it.
Result<Object> patched(Call& call, PatchKind kind, FieldValidation validation,
                       const Object& current, const boost::json::value& patch) {
  ASSIGN_OR_RETURN(const std::string json,
                   apply_patch(call, kind, current.type(), current.to_json(), patch));
  std::vector<std::string> problems;
  ASSIGN_OR_RETURN(Object object,
                   decode_object(json, current.kind(),
                                 validation == FieldValidation::kIgnore ? nullptr : &problems));
  if (validation == FieldValidation::kStrict && !problems.empty())
    return invalid_patch(call, strict_error(problems));
  call.warnings.insert(call.warnings.end(), problems.begin(), problems.end());
  return object;
}

}  // namespace

Answer patch(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  CO_ASSIGN_OR_RETURN(const FieldValidation validation, field_validation(call.query()));
  CO_ASSIGN_OR_RETURN(const PatchKind kind, patch_kind(call.request.headers));
  if (kind == PatchKind::kApply) co_return co_await apply(backend, call);
  CO_RETURN_IF_ERROR(check_field_manager(call));
  if (call.query().has("force"))
    co_return errors::invalid(
        {"meta.k8s.io", "PatchOptions"}, "",
        {cause::forbidden("force", "may not be specified for non-apply patch")});
  CO_ASSIGN_OR_RETURN(boost::json::value document, patch_document(call, kind));
  Change change = [&call, kind, validation, &document](const Object& current) {
    return patched(call, kind, validation, current, document);
  };
  CO_ASSIGN_OR_RETURN(store::Bytes bytes,
                      co_await update_object(backend, call, part_of(call), dry, std::move(change)));
  co_return object_response(backend, call, 200, std::move(bytes));
}

}  // namespace skiff::apiserver
