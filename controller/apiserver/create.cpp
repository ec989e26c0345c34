// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/create.h"

#include "controller/apiserver/admission.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/managed_fields.h"
#include "controller/apiserver/object_meta.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/verbs.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {
namespace {

constexpr int kGeneratedNameTries = 8;

// One try under the name that `object` has.
awaitable<Result<store::Bytes>> try_create(Backend& backend, Call& call, Object object, bool dry) {
  WriteContext context{.store = backend.store,
                       .user = call.user,
                       .resource = *call.resource,
                       .now = backend.clock.now(),
                       .dry_run = dry,
                       .access = backend.access};
  const std::string name = object.metadata().name;
  const std::string key = store::registry_key(call.resource->storage, call.namespace_(), name);
  co_await call.resource->strategy->await_create(object, context);
  const Status admitted = admit_create(object, call, context);
  call.warnings.insert(call.warnings.end(), context.warnings.begin(), context.warnings.end());
  if (!admitted.ok()) {
    context.rollback();
    co_return admitted;
  }
  if (dry || !call.resource->stored) {
    context.rollback();
    if (call.resource->stored && backend.store.get(key).ok())
      co_return errors::already_exists(call.resource->qualified(), name);
    object.metadata().resourceVersion.clear();
    co_return std::make_shared<const std::string>(object.to_json());
  }
  auto record =
      co_await backend.store.create(key, store::spliced(json_to_store(*call.resource, object)));
  if (!record.ok()) {
    context.rollback();
    if (record.status().code() == StatusCode::kAlreadyExists)
      co_return errors::already_exists(call.resource->qualified(), name);
    co_return annotate(record.status(), "store");
  }
  context.commit();
  co_return bytes_to_show(*call.resource, (*record)->value);
}

}  // namespace

awaitable<Result<store::Bytes>> create_object(Backend& backend, Call& call, Object object,
                                              bool dry) {
  CO_RETURN_IF_ERROR(adopt_new(object, call, backend.clock.now()));
  if (call.resource->stored)
    CO_RETURN_IF_ERROR(check_namespace(backend.store, call, object.metadata().name));
  const bool generated = object.metadata().name.empty() && !object.metadata().generateName.empty();
  for (int attempt = 1;; ++attempt) {
    if (generated) generate_name(object);
    auto created = co_await try_create(backend, call, object, dry);
    const bool taken = !created.ok() && created.status().code() == StatusCode::kAlreadyExists;
    if (!generated || !taken || attempt == kGeneratedNameTries) co_return created;
  }
}

Answer create(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  CO_RETURN_IF_ERROR(check_field_manager(call));
  CO_ASSIGN_OR_RETURN(Object object,
                      decode_body(call.request, *call.resource->kind, call.warnings));
  CO_ASSIGN_OR_RETURN(store::Bytes bytes,
                      co_await create_object(backend, call, std::move(object), dry));
  co_return object_response(backend, call, 201, std::move(bytes));
}

}  // namespace skiff::apiserver
