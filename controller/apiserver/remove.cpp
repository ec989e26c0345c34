// SPDX-License-Identifier: Apache-2.0
// DELETE: at once, or begun: the object stays with a deletionTimestamp while finalizers or grace
// hold it.
#include "controller/apiserver/remove.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/codec.h"
#include "controller/apiserver/body.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/selection.h"
#include "controller/apiserver/strategy.h"
#include "controller/apiserver/verbs.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kOrphan = "orphan";
constexpr const char* kForeground = "foregroundDeletion";
constexpr int kTries = 6;

Status invalid_option(Cause cause) {
  return errors::invalid({"meta.k8s.io", "DeleteOptions"}, "", {std::move(cause)});
}

Status check_preconditions(const api::DeleteOptions& options, const Object& object,
                           const Resource& resource) {
  if (!options.preconditions) return absl::OkStatus();
  const api::Preconditions& wanted = *options.preconditions;
  const api::ObjectMeta& is = object.metadata();
  if (wanted.uid && *wanted.uid != is.uid)
    return errors::conflict(
        resource.qualified(), is.name,
        fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                    *wanted.uid, is.uid));
  if (wanted.resourceVersion && *wanted.resourceVersion != is.resourceVersion)
    return errors::conflict(resource.qualified(), is.name,
                            fmt::format("Precondition failed: ResourceVersion in precondition: {}, "
                                        "ResourceVersion in object meta: {}",
                                        *wanted.resourceVersion, is.resourceVersion));
  return absl::OkStatus();
}

// The finalizers that the propagation asked for wants; without a wish they stay as they are.
void set_propagation(Object& object, const api::DeleteOptions& options) {
  const bool orphan =
      options.propagationPolicy == "Orphan" || options.orphanDependents.value_or(false);
  const bool foreground = options.propagationPolicy == "Foreground";
  if (!options.propagationPolicy && !options.orphanDependents) return;
  std::vector<std::string>& finalizers = object.metadata().finalizers;
  std::erase_if(finalizers,
                [](const std::string& one) { return one == kOrphan || one == kForeground; });
  if (orphan) finalizers.push_back(kOrphan);
  if (foreground) finalizers.push_back(kForeground);
}

// The first deletion of `object`, or a later one, which may only shorten its grace.
void mark_deleted(Object& object, const Resource& resource, int64_t grace, TimePoint now) {
  api::ObjectMeta& metadata = object.metadata();
  const bool first = metadata.deletionTimestamp.is_zero();
  const int64_t before = metadata.deletionGracePeriodSeconds.value_or(0);
  if (!first && grace >= before) return;
  const TimePoint asked =
      first ? now : metadata.deletionTimestamp.at - std::chrono::seconds(before);
  metadata.deletionTimestamp = asked + std::chrono::seconds(grace);
  metadata.deletionGracePeriodSeconds = grace;
  if (!first) return;
  if (metadata.generation > 0) ++metadata.generation;
  resource.strategy->begin_deletion(object);
}

awaitable<Result<Removal>> try_remove(Backend& backend, const Resource& resource, std::string key,
                                      const api::DeleteOptions& options) {
  const std::string name(record_name(key).name);
  const auto found = backend.store.get(key);
  if (!found.ok()) co_return errors::not_found(resource.qualified(), name);
  const store::RecordPtr record = *found;
  CO_ASSIGN_OR_RETURN(Object object, object_from_stored(resource, *record->value));
  CO_RETURN_IF_ERROR(check_preconditions(options, object, resource));
  CO_RETURN_IF_ERROR(resource.strategy->check_delete(object));
  const bool dry = !options.dryRun.empty();
  Removal removal{.object = record->value, .uid = object.metadata().uid};
  set_propagation(object, options);
  const int64_t grace = resource.graceful_delete
                            ? resource.strategy->grace_seconds(object, options.gracePeriodSeconds)
                            : 0;
  mark_deleted(object, resource, grace, backend.clock.now());
  if (may_go(resource, object)) {
    removal.finished = true;
    if (dry) co_return removal;
    auto removed = co_await backend.store.remove(key, record->mod_revision);
    if (!removed.ok()) co_return removed.status();
    resource.strategy->removed(object);
    co_return removal;
  }
  std::string json = json_to_store(resource, object);
  if (dry || json == *record->value) {
    removal.object = std::make_shared<const std::string>(std::move(json));
    co_return removal;
  }
  CO_ASSIGN_OR_RETURN(
      const store::RecordPtr written,
      co_await backend.store.update(key, record->mod_revision, store::spliced(std::move(json))));
  removal.object = written->value;
  co_return removal;
}

}  // namespace

bool may_go(const Resource& resource, const Object& object) {
  const api::ObjectMeta& metadata = object.metadata();
  return !metadata.deletionTimestamp.is_zero() && metadata.finalizers.empty() &&
         metadata.deletionGracePeriodSeconds.value_or(0) == 0 && !resource.strategy->held(object);
}

Result<api::DeleteOptions> delete_options(const Call& call) {
  api::DeleteOptions options;
  ASSIGN_OR_RETURN(const std::string body, json_body(call.request));
  if (!body.empty()) {
    auto decoded = api::decode_json<api::DeleteOptions>(body);
    if (!decoded.ok()) return errors::bad_request(message(decoded.status()));
    options = std::move(*decoded);
  }
  const http::Query& query = call.query();
  if (const std::string_view grace = query.get("gracePeriodSeconds");
      !grace.empty() && !options.gracePeriodSeconds) {
    int64_t seconds = 0;
    if (std::from_chars(grace.data(), grace.data() + grace.size(), seconds).ec != std::errc())
      return errors::bad_request("gracePeriodSeconds: not a number");
    options.gracePeriodSeconds = seconds;
  }
  if (query.has("propagationPolicy") && !options.propagationPolicy)
    options.propagationPolicy = std::string(query.get("propagationPolicy"));
  if (query.has("orphanDependents") && !options.orphanDependents)
    options.orphanDependents = query_flag(query, "orphanDependents");
  for (std::string_view value : query.all("dryRun")) options.dryRun.emplace_back(value);
  for (const std::string& value : options.dryRun)
    if (value != "All")
      return invalid_option(cause::not_supported("dryRun", json_quoted(value), {"All"}));
  const auto& policy = options.propagationPolicy;
  if (policy && *policy != "Orphan" && *policy != "Background" && *policy != "Foreground")
    return invalid_option(cause::not_supported("propagationPolicy", json_quoted(*policy),
                                               {"Foreground", "Background", "Orphan"}));
  if (policy && options.orphanDependents)
    return invalid_option(
        cause::invalid("propagationPolicy", json_quoted(*policy),
                       "orphanDependents and deletionPropagation cannot be both set"));
  return options;
}

awaitable<Result<Removal>> remove_object(Backend& backend, const Call& call, std::string namespace_,
                                         std::string name, const api::DeleteOptions& options) {
  const std::string key = store::registry_key(call.resource->storage, namespace_, name);
  for (int attempt = 1;; ++attempt) {
    auto removal = co_await try_remove(backend, *call.resource, key, options);
    if (removal.ok() || !is_store_conflict(removal.status())) co_return removal;
    if (attempt == kTries) co_return errors::modified(call.resource->qualified(), name);
  }
}

Answer remove(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const api::DeleteOptions options, delete_options(call));
  CO_ASSIGN_OR_RETURN(const Removal removal,
                      co_await remove_object(backend, call, std::string(call.namespace_()),
                                             call.info.name, options));
  const Resource& resource = *call.resource;
  if (!removal.finished || resource.returns_deleted) {
    CO_ASSIGN_OR_RETURN(store::Bytes bytes, bytes_to_show(resource, removal.object));
    co_return object_response(backend, call, 200, std::move(bytes));
  }
  co_return document_response(call, 200,
                              success_document({.name = call.info.name,
                                                .group = std::string(resource.kind->group),
                                                .kind = std::string(resource.kind->plural),
                                                .uid = removal.uid}));
}

Answer remove_collection(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const api::DeleteOptions options, delete_options(call));
  CO_ASSIGN_OR_RETURN(const Selection selection, Selection::parse(call));
  CO_ASSIGN_OR_RETURN(store::Snapshot snapshot, backend.store.list({.prefix = call.prefix()}));
  std::vector<store::RecordPtr> chosen;
  for (store::RecordPtr& record : snapshot.records)
    if (selection.matches(backend.attributes, *call.resource, record))
      chosen.push_back(std::move(record));
  for (const store::RecordPtr& record : chosen) {
    const RecordName name = record_name(record->key);
    const auto removal = co_await remove_object(backend, call, std::string(name.namespace_),
                                                std::string(name.name), options);
    if (!removal.ok() && removal.status().code() != StatusCode::kNotFound)
      co_return removal.status();
  }
  co_return list_response(backend, call, {.revision = backend.store.revision()}, chosen);
}

}  // namespace skiff::apiserver
