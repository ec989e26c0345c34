// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/garbage_collector.h"

#include <algorithm>

#include "api/codec.h"
#include "kube/reflector.h"

namespace skiff::api {
namespace {
constexpr FieldInfo kAnyMetaFields[] = {
    {.name = "metadata", .offset = 0, .type = &Describe<ObjectMeta>::type}};
}
constinit const TypeInfo Describe<controllers::AnyMeta>::type = {
    .form = Form::kStruct,
    .name = "AnyMeta",
    .fields = kAnyMetaFields,
    .value = &detail::kValueOps<controllers::AnyMeta>};
}  // namespace skiff::api

namespace skiff::controllers {
namespace {

using namespace std::chrono_literals;

constexpr const char* kForeground = "foregroundDeletion";
constexpr const char* kOrphan = "orphan";

// Every object of the cluster is kept here: without what is not read.
void keep_owners(AnyMeta& object) {
  object.metadata.managedFields.clear();
  object.metadata.labels.clear();
  object.metadata.annotations.clear();
}

bool has_finalizer(const api::ObjectMeta& object, std::string_view finalizer) {
  return std::find(object.finalizers.begin(), object.finalizers.end(), finalizer) !=
         object.finalizers.end();
}

bool waits_for_dependents(const api::ObjectMeta& object) {
  return object.deletionTimestamp && has_finalizer(object, kForeground);
}

bool blocks(const api::ObjectMeta& dependent, const std::string& owner_uid) {
  return std::any_of(dependent.ownerReferences.begin(), dependent.ownerReferences.end(),
                     [&](const api::OwnerReference& owner) {
                       return owner.uid == owner_uid && owner.blockOwnerDeletion.value_or(false);
                     });
}

// Cuts references to `owner_uids` off.
std::string cut_patch(const api::ObjectMeta& object, const std::vector<std::string>& owner_uids) {
  std::vector<std::string> cuts;
  for (const std::string& uid : owner_uids)
    cuts.push_back(fmt::format(R"({{"$patch":"delete","uid":"{}"}})", uid));
  return fmt::format(R"({{"metadata":{{"uid":"{}","ownerReferences":[{}]}}}})", object.uid,
                     fmt::join(cuts, ","));
}

}  // namespace

OwnersVerdict judge_owners(const api::ObjectMeta& object,
                           const std::unordered_set<std::string>& absent,
                           const std::unordered_set<std::string>& waiting_for_dependents,
                           bool has_dependents) {
  OwnersVerdict verdict;
  size_t solid = 0;
  size_t waiting = 0;
  for (const api::OwnerReference& owner : object.ownerReferences) {
    if (absent.contains(owner.uid)) {
      verdict.dangling.push_back(owner.uid);
    } else if (waiting_for_dependents.contains(owner.uid)) {
      verdict.dangling.push_back(owner.uid);
      ++waiting;
    } else {
      ++solid;
    }
  }
  if (solid > 0 || verdict.dangling.empty()) return verdict;
  verdict.remove = true;
  verdict.foreground = waiting > 0 && has_dependents;
  verdict.dangling.clear();
  return verdict;
}

GarbageCollector::GarbageCollector(const Executor& executor, kube::Client client)
    : client_(std::move(client)) {
  for (const api::Kind* kind : api::all_kinds())
    if (kind->serving == api::Serving::kStored && !kind->alias && kind->plural != "events")
      kinds_.push_back(std::make_unique<KindStore>(executor, *kind));
}

void GarbageCollector::watch(const Executor& executor, kube::ReconcileLoop& loop) {
  loop_ = &loop;
  for (const auto& of : kinds_) {
    of->store.subscribe(
        [this, kind_store = of.get(), &loop](const auto& before, const auto& after) {
          changed(*kind_store, before, after, loop);
        });
    spawn(executor, "garbage collector watch",
          kube::reflect(client_.shared_transport(), of->kind, {},
                        std::make_unique<kube::StoreSink<AnyMeta>>(of->store, keep_owners)));
  }
}

void GarbageCollector::changed(const KindStore& of, const std::shared_ptr<const AnyMeta>& before,
                               const std::shared_ptr<const AnyMeta>& after,
                               kube::ReconcileLoop& loop) {
  if (before) {
    for (const api::OwnerReference& owner : before->metadata.ownerReferences) {
      const auto it = dependents_.find(owner.uid);
      if (it == dependents_.end()) continue;
      it->second.erase(before->metadata.uid);
      if (it->second.empty()) dependents_.erase(it);
      // An owner in foreground deletion may wait for just this one.
      if (!after || !blocks(after->metadata, owner.uid)) loop.enqueue({"", owner.uid});
    }
    const bool replaced = after && after->metadata.uid != before->metadata.uid;
    if (!after || replaced) {
      by_uid_.erase(before->metadata.uid);
      loop.enqueue({"", before->metadata.uid});  // its dependents have lost their owner
    }
  }
  if (!after) return;
  const std::string& uid = after->metadata.uid;
  by_uid_[uid] = {&of, kube::key_of(*after)};
  for (const api::OwnerReference& owner : after->metadata.ownerReferences)
    dependents_[owner.uid].insert(uid);
  if (!after->metadata.ownerReferences.empty() || after->metadata.deletionTimestamp)
    loop.enqueue({"", uid});
}

std::shared_ptr<const AnyMeta> GarbageCollector::find(const std::string& uid, Place& place) const {
  const auto it = by_uid_.find(uid);
  if (it == by_uid_.end()) return nullptr;
  place = it->second;
  return place.of->store.get(place.key);
}

std::vector<GarbageCollector::Place> GarbageCollector::dependents_of(const std::string& uid) const {
  std::vector<Place> places;
  const auto it = dependents_.find(uid);
  if (it == dependents_.end()) return places;
  for (const std::string& dependent : it->second)
    if (const auto place = by_uid_.find(dependent); place != by_uid_.end())
      places.push_back(place->second);
  return places;
}

bool GarbageCollector::all_synced() const {
  return std::all_of(kinds_.begin(), kinds_.end(),
                     [](const auto& of) { return of->store.synced(); });
}

awaitable<Result<kube::Outcome>> GarbageCollector::reconcile(const kube::ObjectKey& key) {
  if (!all_synced()) co_return kube::Outcome::after(100ms);  // absence means nothing yet
  Place place;
  const auto object = find(key.name, place);
  if (!object) {
    const auto it = dependents_.find(key.name);
    if (it != dependents_.end())
      for (const std::string& dependent : it->second) loop_->enqueue({"", dependent});
    co_return kube::Outcome::done();
  }
  if (object->metadata.deletionTimestamp) {
    CO_RETURN_IF_ERROR(co_await process_finalizers(object, place), "{} {}",
                       place.of->kind.resource(), place.key);
    co_return kube::Outcome::done();
  }
  CO_RETURN_IF_ERROR(co_await check_owners(object, place), "{} {}", place.of->kind.resource(),
                     place.key);
  co_return kube::Outcome::done();
}

awaitable<Result<bool>> GarbageCollector::is_absent(api::OwnerReference owner, std::string ns) {
  if (by_uid_.contains(owner.uid)) co_return false;
  const api::Kind* kind = api::find_kind(owner.apiVersion, owner.kind);
  if (kind == nullptr || kind->serving != api::Serving::kStored)
    co_return false;  // of a kind we do not know: leave it be
  // The stores may lag; the API does not.
  const auto body =
      co_await client_.send("GET", kube::resource_path(*kind, ns, owner.name), "", "");
  if (body.status().code() == StatusCode::kNotFound) co_return true;
  CO_RETURN_IF_ERROR(body, "owner {}", owner.name);
  CO_ASSIGN_OR_RETURN(const AnyMeta present, api::decode_json<AnyMeta>(*body));
  co_return present.metadata.uid != owner.uid;
}

awaitable<Status> GarbageCollector::check_owners(std::shared_ptr<const AnyMeta> object,
                                                 Place place) {
  std::unordered_set<std::string> absent;
  std::unordered_set<std::string> waiting;
  for (const api::OwnerReference& owner : object->metadata.ownerReferences) {
    CO_ASSIGN_OR_RETURN(const bool gone, co_await is_absent(owner, place.key.namespace_));
    if (gone) absent.insert(owner.uid);
    Place owner_place;
    const auto present = find(owner.uid, owner_place);
    if (present && waits_for_dependents(present->metadata)) waiting.insert(owner.uid);
  }
  const OwnersVerdict verdict =
      judge_owners(object->metadata, absent, waiting, dependents_.contains(object->metadata.uid));
  if (verdict.remove) {
    std::string policy = verdict.foreground ? "Foreground" : "Background";
    if (has_finalizer(object->metadata, kOrphan)) policy = "Orphan";
    co_return co_await remove(object, place, std::move(policy));
  }
  if (verdict.dangling.empty()) co_return absl::OkStatus();
  const auto cut = co_await client_.send(
      "PATCH", kube::resource_path(place.of->kind, place.key.namespace_, place.key.name),
      "application/strategic-merge-patch+json", cut_patch(object->metadata, verdict.dangling));
  co_return cut.status().code() == StatusCode::kNotFound ? absl::OkStatus() : cut.status();
}

awaitable<Status> GarbageCollector::process_finalizers(std::shared_ptr<const AnyMeta> object,
                                                       Place place) {
  const std::vector<Place> dependents = dependents_of(object->metadata.uid);
  if (has_finalizer(object->metadata, kOrphan)) {
    for (const Place& dependent : dependents) {
      const auto present = dependent.of->store.get(dependent.key);
      if (!present) continue;
      const auto cut = co_await client_.send(
          "PATCH",
          kube::resource_path(dependent.of->kind, dependent.key.namespace_, dependent.key.name),
          "application/strategic-merge-patch+json",
          cut_patch(present->metadata, {object->metadata.uid}));
      if (cut.status().code() != StatusCode::kNotFound)
        CO_RETURN_IF_ERROR(cut, "orphan {}", dependent.key);
    }
    co_return co_await remove_finalizer(object, place, kOrphan);
  }
  if (!has_finalizer(object->metadata, kForeground)) co_return absl::OkStatus();
  bool blocked = false;
  for (const Place& dependent : dependents) {
    const auto present = dependent.of->store.get(dependent.key);
    if (!present) continue;
    blocked |= blocks(present->metadata, object->metadata.uid);
    loop_->enqueue({"", present->metadata.uid});
  }
  if (blocked) co_return absl::OkStatus();  // comes back when the last one goes
  co_return co_await remove_finalizer(object, place, kForeground);
}

awaitable<Status> GarbageCollector::remove_finalizer(std::shared_ptr<const AnyMeta> object,
                                                     Place place, std::string finalizer) {
  std::vector<std::string> left;
  for (const std::string& present : object->metadata.finalizers)
    if (present != finalizer) left.push_back(fmt::format("\"{}\"", present));
  std::string body = fmt::format(R"({{"metadata":{{"resourceVersion":"{}","finalizers":[{}]}}}})",
                                 object->metadata.resourceVersion, fmt::join(left, ","));
  const auto written = co_await client_.send(
      "PATCH", kube::resource_path(place.of->kind, place.key.namespace_, place.key.name),
      "application/merge-patch+json", std::move(body));
  co_return written.status().code() == StatusCode::kNotFound ? absl::OkStatus() : written.status();
}

awaitable<Status> GarbageCollector::remove(std::shared_ptr<const AnyMeta> object, Place place,
                                           std::string policy) {
  std::string body = fmt::format(
      R"({{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{{"uid":"{}"}},"propagationPolicy":"{}"}})",
      object->metadata.uid, policy);
  const auto removed = co_await client_.send(
      "DELETE", kube::resource_path(place.of->kind, place.key.namespace_, place.key.name),
      "application/json", std::move(body));
  co_return removed.status().code() == StatusCode::kNotFound ? absl::OkStatus() : removed.status();
}

}  // namespace skiff::controllers
