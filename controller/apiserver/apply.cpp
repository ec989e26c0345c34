// SPDX-License-Identifier: Apache-2.0
// Server-side apply: PATCH with application/apply-patch+yaml.
#include <fmt/format.h>
#include <boost/json.hpp>

#include "api/fields/structured_merge.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/create.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/managed_fields.h"
#include "controller/apiserver/patch_body.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/update.h"
#include "controller/apiserver/verbs.h"

namespace skiff::apiserver {
namespace {

// Anything but `false` and `0` is true, as Kubernetes reads queries.
bool is_forced(const http::Query& query) {
  const std::string_view value = query.get("force");
  return query.has("force") && value != "false" && value != "0";
}

Status check_options(const Call& call) {
  if (call.query().get("fieldManager").empty())
    return errors::invalid({"meta.k8s.io", "PatchOptions"}, "",
                           {cause::required("fieldManager", "is required for apply patch")});
  return check_field_manager(call);
}

// The configuration without what says of which kind it is, after checking it against the schema.
Result<boost::json::value> configuration(const Call& call, boost::json::value document) {
  const api::Kind& kind = *call.resource->kind;
  boost::json::object& members = document.as_object();
  if (const boost::json::value* metadata = members.if_contains("metadata");
      metadata != nullptr && metadata->is_object() &&
      metadata->get_object().contains("managedFields"))
    return errors::bad_request("metadata.managedFields must be nil");
  // Says what is wrong with kind and apiVersion, too.
  RETURN_IF_ERROR(decode_object(boost::json::serialize(document), kind, nullptr).status());
  members.erase("apiVersion");
  members.erase("kind");
  const Status known = check_fields(api::Shape::of(*kind.type), document);
  if (known.ok()) return document;
  const std::string name = call.namespace_().empty()
                               ? fmt::format("/{}", call.info.name)
                               : fmt::format("{}/{}", call.namespace_(), call.info.name);
  return errors::plain(fmt::format("failed to create typed patch object ({}; {}, Kind={}): {}",
                                   name, kind.api_version(), kind.kind, message(known)));
}

// The object that `applied` describes.
Result<Object> object_of(const Call& call, Applied applied) {
  ASSIGN_OR_RETURN(Object object, decode_object(applied.json, *call.resource->kind, nullptr));
  object.metadata().managedFields = std::move(applied.managed);
  return object;
}

awaitable<Result<store::Bytes>> create_applied(Backend& backend, Call& call,
                                               const boost::json::value& config, bool dry) {
  CO_ASSIGN_OR_RETURN(Applied applied,
                      apply_config(call, nullptr, config, false, backend.clock.now()));
  CO_ASSIGN_OR_RETURN(Object object, object_of(call, std::move(applied)));
  api::ObjectMeta& metadata = object.metadata();
  if (!metadata.uid.empty())
    co_return errors::conflict(
        call.resource->qualified(), call.info.name,
        fmt::format("uid mismatch: the provided object specified uid {}, and "
                    "no existing object was found",
                    metadata.uid));
  metadata.name = call.info.name;
  co_return co_await create_object(backend, call, std::move(object), dry);
}

}  // namespace

Answer apply(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  const bool force = is_forced(call.query());
  CO_RETURN_IF_ERROR(check_options(call));
  CO_ASSIGN_OR_RETURN(boost::json::value document, patch_document(call, PatchKind::kApply));
  CO_ASSIGN_OR_RETURN(const boost::json::value config, configuration(call, std::move(document)));
  call.applies = true;
  const bool main = call.info.subresource.empty();
  if (main && !backend.store.get(call.key()).ok()) {
    CO_ASSIGN_OR_RETURN(store::Bytes created, co_await create_applied(backend, call, config, dry));
    co_return object_response(backend, call, 201, std::move(created));
  }
  Change change = [&](const Object& current) -> Result<Object> {
    ASSIGN_OR_RETURN(Applied applied,
                     apply_config(call, &current, config, force, backend.clock.now()));
    return object_of(call, std::move(applied));
  };
  CO_ASSIGN_OR_RETURN(store::Bytes bytes,
                      co_await update_object(backend, call, part_of(call), dry, std::move(change)));
  co_return object_response(backend, call, 200, std::move(bytes));
}

}  // namespace skiff::apiserver
