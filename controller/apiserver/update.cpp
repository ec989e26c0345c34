// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/update.h"

#include "controller/apiserver/admission.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/create.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/managed_fields.h"
#include "controller/apiserver/object_meta.h"
#include "controller/apiserver/remove.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/verbs.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {
namespace {

constexpr int kTries = 6;  // one, and five more when another writer was faster

// A status write: everything but the status, labels and annotations stays.
Object with_status_only(const Object& wanted, const Object& current) {
  Object next = current;
  copy_field(next, "status", wanted);
  next.metadata().labels = wanted.metadata().labels;
  next.metadata().annotations = wanted.metadata().annotations;
  next.metadata().uid = wanted.metadata().uid;
  next.metadata().resourceVersion = wanted.metadata().resourceVersion;
  next.metadata().managedFields = wanted.metadata().managedFields;
  return next;
}

// The object to store: `wanted` under the rules of `part`.
Result<Object> prepare(const Call& call, WriteContext& context, Part part, Object wanted,
                       const Object& current) {
  const Resource& resource = *call.resource;
  const PartRules* rules =
      part == Part::kRules ? resource.subresource(call.info.subresource)->part : nullptr;
  if (part == Part::kStatus) wanted = with_status_only(wanted, current);
  if (rules) {
    auto owners = std::move(wanted.metadata().managedFields);
    wanted = rules->merge(wanted, current, context.now);
    wanted.metadata().managedFields = std::move(owners);
  }
  RETURN_IF_ERROR(check_change(wanted, current, resource));
  restore_owned(wanted, current);
  if (part == Part::kStatus) {
    record_owners(call, &current, wanted, context.now);
    resource.strategy->prepare_status_update(wanted, current);
    return wanted;
  }
  if (part == Part::kMain) {
    if (resource.has_status()) copy_field(wanted, "status", current);
    RETURN_IF_ERROR(admit_update(wanted, current, call, context));
  }
  if (rules) RETURN_IF_ERROR(admit_part(wanted, current, call, context, *rules));
  if (rules || part == Part::kMain) {
    if (resource.tracks_generation && !same_spec(wanted, current)) ++wanted.metadata().generation;
  }
  return wanted;
}

// The JSON to store of `next`, written over `current`, stored as `stored`. Bytes, not fields: an
// update that changes nothing must not be seen by anybody. Times of owners alone are nothing; then
// `next` keeps those of `current`.
std::string settled_json(const Resource& resource, Object& next, const Object& current,
                         const std::string& stored) {
  std::string json = json_to_store(resource, next);
  if (json == stored ||
      next.metadata().managedFields.size() != current.metadata().managedFields.size())
    return json;
  Object same = next;
  keep_times(same.metadata().managedFields, current.metadata().managedFields);
  std::string text = json_to_store(resource, same);
  if (text != stored) return json;
  next = std::move(same);
  return text;
}

// Writes `next`, which is `json`, over `record`, or removes it when nothing holds it any more.
awaitable<Result<store::RecordPtr>> write(Backend& backend, const Resource& resource,
                                          store::RecordPtr record, const Object& next,
                                          std::string json) {
  if (may_go(resource, next)) {
    auto removed = co_await backend.store.remove(record->key, record->mod_revision,
                                                 store::spliced(std::move(json)));
    if (removed.ok()) resource.strategy->removed(next);
    co_return removed;
  }
  co_return co_await backend.store.update(record->key, record->mod_revision,
                                          store::spliced(std::move(json)));
}

// One attempt. ABORTED: another writer was faster.
awaitable<Result<store::Bytes>> try_update(Backend& backend, Call& call, Part part, bool dry,
                                           const Change& change) {
  auto record = backend.store.get(call.key());
  if (!record.ok()) co_return errors::not_found(call.resource->qualified(), call.info.name);
  CO_ASSIGN_OR_RETURN(const Object current, object_from_stored(*call.resource, *(*record)->value));
  CO_ASSIGN_OR_RETURN(Object wanted, change(current));
  WriteContext context{.store = backend.store,
                       .user = call.user,
                       .resource = *call.resource,
                       .now = backend.clock.now(),
                       .dry_run = dry};
  auto next = prepare(call, context, part, std::move(wanted), current);
  call.warnings.insert(call.warnings.end(), context.warnings.begin(), context.warnings.end());
  if (!next.ok()) {
    context.rollback();
    co_return next.status();
  }
  std::string json = settled_json(*call.resource, *next, current, *(*record)->value);
  if (dry || (json == *(*record)->value && !may_go(*call.resource, *next))) {
    context.rollback();
    if (dry) co_return std::make_shared<const std::string>(next->to_json());
    co_return bytes_to_show(*call.resource, (*record)->value);
  }
  auto written = co_await write(backend, *call.resource, *record, *next, std::move(json));
  if (!written.ok()) {
    context.rollback();
    co_return written.status();
  }
  context.commit();
  co_return bytes_to_show(*call.resource, (*written)->value);
}

}  // namespace

Part part_of(const Call& call) {
  const std::string& name = call.info.subresource;
  if (name.empty()) return Part::kMain;
  const Subresource* row = call.resource->subresource(name);
  return row && row->part ? Part::kRules : Part::kStatus;
}

awaitable<Result<store::Bytes>> update_object(Backend& backend, Call& call, Part part, bool dry,
                                              Change change) {
  const size_t warnings = call.warnings.size();
  for (int attempt = 1;; ++attempt) {
    call.warnings.resize(warnings);
    auto written = co_await try_update(backend, call, part, dry, change);
    // A raw ABORTED comes from the store; our own conflicts carry their HTTP code and are final.
    const bool raced = !written.ok() && is_store_conflict(written.status());
    if (!raced) co_return written;
    if (attempt == kTries) co_return errors::modified(call.resource->qualified(), call.info.name);
  }
}

Answer update(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const bool dry, dry_run(call.query()));
  CO_RETURN_IF_ERROR(check_field_manager(call));
  CO_ASSIGN_OR_RETURN(Object object,
                      decode_body(call.request, *call.resource->kind, call.warnings));
  api::ObjectMeta& metadata = object.metadata();
  if (metadata.name.empty()) metadata.name = call.info.name;
  if (metadata.name != call.info.name)
    co_return errors::bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                    metadata.name, call.info.name));
  if (metadata.namespace_.empty()) metadata.namespace_ = call.namespace_();
  if (metadata.namespace_ != call.namespace_())
    co_return errors::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  const bool main = call.info.subresource.empty();
  if (main && call.resource->create_on_update && !backend.store.get(call.key()).ok()) {
    CO_ASSIGN_OR_RETURN(store::Bytes created,
                        co_await create_object(backend, call, std::move(object), dry));
    co_return object_response(backend, call, 201, std::move(created));
  }
  Change change = [&object](const Object&) -> Result<Object> { return object; };
  CO_ASSIGN_OR_RETURN(store::Bytes bytes,
                      co_await update_object(backend, call, part_of(call), dry, std::move(change)));
  co_return object_response(backend, call, 200, std::move(bytes));
}

}  // namespace skiff::apiserver
