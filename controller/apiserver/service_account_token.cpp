// SPDX-License-Identifier: Apache-2.0
// serviceaccounts/token: a signed token, bound to a pod, secret or node if asked for. And
// namespaces/finalize.
#include <fmt/format.h>

#include "api/authentication/types.h"
#include "api/core/config.h"
#include "api/core/namespace.h"
#include "api/core/pod.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/strategy.h"
#include "controller/apiserver/subresources.h"
#include "controller/apiserver/update.h"

namespace skiff::apiserver {
namespace {

constexpr int64_t kLeastSeconds = 600;
constexpr int64_t kMostSeconds = int64_t{1} << 32;
constexpr int64_t kDefaultSeconds = 3600;

Status invalid_request(const std::string& name, Cause cause) {
  return errors::invalid({"authentication.k8s.io", "TokenRequest"}, name, {std::move(cause)});
}

template <class T>
Result<T> stored(Backend& backend, std::string_view namespace_, std::string_view name) {
  const api::Kind& kind = api::kind_of<T>();
  const auto record = backend.store.get(store::registry_key(kind.plural, namespace_, name));
  if (!record.ok()) return errors::not_found({kind.group, kind.plural}, name);
  return api::decode_json<T>(*(*record)->value);
}

// What the token is bound to must exist, be that object, and belong to the service account.
Status bind(Backend& backend, const api::BoundObjectReference& reference, TokenClaims& claims) {
  claims.bound_kind = reference.kind;
  claims.bound_name = reference.name;
  claims.bound_uid = reference.uid;
  api::ObjectMeta metadata;
  if (reference.kind == "Pod") {
    ASSIGN_OR_RETURN(const api::Pod pod,
                     stored<api::Pod>(backend, claims.namespace_, reference.name));
    if (pod.spec.serviceAccountName != claims.service_account)
      return errors::bad_request(
          fmt::format("cannot bind token for serviceaccount \"{}\" to pod running with different "
                      "serviceaccount name.",
                      claims.service_account));
    metadata = pod.metadata;
    claims.node_name = pod.spec.nodeName;
  } else if (reference.kind == "Secret") {
    ASSIGN_OR_RETURN(const api::Secret secret,
                     stored<api::Secret>(backend, claims.namespace_, reference.name));
    metadata = secret.metadata;
  } else {
    return errors::bad_request(fmt::format(
        "cannot bind token to object of type {}: supported are Pod and Secret", reference.kind));
  }
  if (!reference.uid.empty() && reference.uid != metadata.uid)
    return errors::conflict(
        {"", reference.kind == "Pod" ? "pods" : "secrets"}, reference.name,
        fmt::format("the UID in the bound object reference ({}) does not match the UID in record. "
                    "The object might have been deleted and then recreated",
                    reference.uid));
  claims.bound_uid = metadata.uid;
  return absl::OkStatus();
}

}  // namespace

Answer create_token(Backend& backend, Call& call) {
  if (backend.tokens == nullptr)
    co_return errors::unavailable("no signing key for service account tokens");
  CO_ASSIGN_OR_RETURN(Object body,
                      decode_body(call.request, api::kind_of<api::TokenRequest>(), call.warnings));
  auto& request = body.as<api::TokenRequest>();
  const std::string& name = call.info.name;
  CO_ASSIGN_OR_RETURN(const api::ServiceAccount account,
                      stored<api::ServiceAccount>(backend, call.namespace_(), name));
  const int64_t seconds = request.spec.expirationSeconds.value_or(kDefaultSeconds);
  if (seconds < kLeastSeconds || seconds > kMostSeconds)
    co_return invalid_request(
        name, cause::invalid("spec.expirationSeconds", std::to_string(seconds),
                             seconds < kLeastSeconds
                                 ? "may not specify a duration less than 10 minutes"
                                 : "may not specify a duration larger than 2^32 seconds"));
  TokenClaims claims{.namespace_ = account.metadata.namespace_,
                     .service_account = name,
                     .service_account_uid = account.metadata.uid,
                     .audiences = request.spec.audiences,
                     .lifetime = std::chrono::seconds(seconds)};
  if (request.spec.boundObjectRef)
    CO_RETURN_IF_ERROR(bind(backend, *request.spec.boundObjectRef, claims));
  CO_ASSIGN_OR_RETURN(const IssuedToken token, backend.tokens->issue(claims, backend.clock.now()),
                      "issue token");
  request.metadata.name = name;
  request.metadata.namespace_ = claims.namespace_;
  request.metadata.creationTimestamp = backend.clock.now();
  request.spec.expirationSeconds = seconds;
  request.status = {.token = token.token, .expirationTimestamp = token.expires};
  co_return document_response(call, 201, body.to_json());
}

Answer finalize_namespace(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  CO_ASSIGN_OR_RETURN(const Object body,
                      decode_body(call.request, api::kind_of<api::Namespace>(), call.warnings));
  Change change = [&body](const Object& current) -> Result<Object> {
    Object object = current;
    const auto& wanted = body.as<api::Namespace>();
    object.as<api::Namespace>().spec.finalizers = wanted.spec.finalizers;
    object.metadata().uid = wanted.metadata.uid;
    object.metadata().resourceVersion = wanted.metadata.resourceVersion;
    return object;
  };
  CO_ASSIGN_OR_RETURN(store::Bytes bytes,
                      co_await update_object(backend, call, Part::kAny, dry, std::move(change)));
  co_return object_response(backend, call, 200, std::move(bytes));
}

}  // namespace skiff::apiserver
