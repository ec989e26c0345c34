// SPDX-License-Identifier: Apache-2.0
// The scale subresource: spec.replicas of anything that has it, as autoscaling/v1 Scale.
#include "api/autoscaling/scale.h"
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/apps/stateful_set.h"
#include "api/codec.h"
#include "api/core/replication_controller.h"
#include "api/selector.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/patch_body.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/subresources.h"
#include "controller/apiserver/update.h"

namespace skiff::apiserver {
namespace {

template <class T>
api::Scale scale_from(const T& object) {
  api::Scale scale;
  scale.metadata.name = object.metadata.name;
  scale.metadata.namespace_ = object.metadata.namespace_;
  scale.metadata.uid = object.metadata.uid;
  scale.metadata.resourceVersion = object.metadata.resourceVersion;
  scale.metadata.creationTimestamp = object.metadata.creationTimestamp;
  scale.spec.replicas = object.spec.replicas.value_or(0);
  scale.status.replicas = object.status.replicas;
  return scale;
}

std::string selector_text(const api::Box<api::LabelSelector>& selector) {
  if (!selector) return "";
  const auto parsed = api::Selector::from(*selector);
  return parsed.ok() ? parsed->to_string() : "";
}

// The Scale of `object`, or nothing for a kind without replicas.
std::optional<api::Scale> scale_of(const Object& object) {
  api::Scale scale;
  if (const auto* deployment = object.try_as<api::Deployment>()) {
    scale = scale_from(*deployment);
    scale.status.selector = selector_text(deployment->spec.selector);
  } else if (const auto* replica_set = object.try_as<api::ReplicaSet>()) {
    scale = scale_from(*replica_set);
    scale.status.selector = selector_text(replica_set->spec.selector);
  } else if (const auto* stateful_set = object.try_as<api::StatefulSet>()) {
    scale = scale_from(*stateful_set);
    scale.status.selector = selector_text(stateful_set->spec.selector);
  } else if (const auto* controller = object.try_as<api::ReplicationController>()) {
    scale = scale_from(*controller);
    scale.status.selector = api::Selector::from(controller->spec.selector).to_string();
  } else {
    return std::nullopt;
  }
  return scale;
}

void set_replicas(Object& object, int32_t replicas) {
  if (auto* deployment = object.try_as<api::Deployment>()) deployment->spec.replicas = replicas;
  if (auto* replica_set = object.try_as<api::ReplicaSet>()) replica_set->spec.replicas = replicas;
  if (auto* stateful_set = object.try_as<api::StatefulSet>())
    stateful_set->spec.replicas = replicas;
  if (auto* controller = object.try_as<api::ReplicationController>())
    controller->spec.replicas = replicas;
}

Result<api::Scale> scale_in(const Call& call, std::string_view json) {
  ASSIGN_OR_RETURN(const Object object, Object::from_json(*call.resource->kind, json),
                   "stored object");
  auto scale = scale_of(object);
  if (!scale) return errors::not_found(call.resource->qualified(), call.info.name);
  return *std::move(scale);
}

// Writes what `wanted` gives for the current scale into the object's replicas.
awaitable<Result<http::Response>> write_scale(
    Backend& backend, Call& call, std::function<Result<api::Scale>(const api::Scale&)> wanted) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  Change change = [&](const Object& current) -> Result<Object> {
    const auto scale = scale_of(current);
    if (!scale) return errors::not_found(call.resource->qualified(), call.info.name);
    ASSIGN_OR_RETURN(const api::Scale next, wanted(*scale));
    if (next.spec.replicas < 0)
      return errors::invalid({"autoscaling", "Scale"}, call.info.name,
                             {cause::invalid("spec.replicas", std::to_string(next.spec.replicas),
                                             "must be greater than or equal to 0")});
    Object object = current;
    object.metadata().resourceVersion = next.metadata.resourceVersion;
    set_replicas(object, next.spec.replicas);
    return object;
  };
  CO_ASSIGN_OR_RETURN(const store::Bytes bytes,
                      co_await update_object(backend, call, Part::kMain, dry, change));
  CO_ASSIGN_OR_RETURN(const api::Scale scale, scale_in(call, *bytes));
  co_return document_response(call, 200, api::encode_json(scale));
}

}  // namespace

Answer get_scale(Backend& backend, Call& call) {
  const auto record = backend.store.get(call.key());
  if (!record.ok()) co_return errors::not_found(call.resource->qualified(), call.info.name);
  CO_ASSIGN_OR_RETURN(const api::Scale scale, scale_in(call, *(*record)->value));
  co_return document_response(call, 200, api::encode_json(scale));
}

Answer update_scale(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const Object body,
                      decode_body(call.request, api::kind_of<api::Scale>(), call.warnings));
  co_return co_await write_scale(backend, call, [&body](const api::Scale&) -> Result<api::Scale> {
    return body.as<api::Scale>();
  });
}

Answer patch_scale(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const PatchKind kind, patch_kind(call.request.headers));
  CO_ASSIGN_OR_RETURN(const boost::json::value document, patch_document(call, kind));
  co_return co_await write_scale(
      backend, call, [&](const api::Scale& current) -> Result<api::Scale> {
        ASSIGN_OR_RETURN(const std::string json, apply_patch(call, kind, api::type_of<api::Scale>(),
                                                             api::encode_json(current), document));
        return api::decode_json<api::Scale>(json);
      });
}

}  // namespace skiff::apiserver
