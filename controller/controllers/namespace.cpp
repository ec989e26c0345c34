// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/namespace.h"

#include "api/compare.h"
#include "api/list.h"

namespace skiff::controllers {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFinalizer = "kubernetes";
constexpr auto kLookAgain = 1s;

// Pods first: whatever they use (secrets, services, policies) outlives them.
std::vector<const api::Kind*> kinds_in_order() {
  std::vector<const api::Kind*> kinds;
  for (const api::Kind* kind : api::all_kinds()) {
    if (!kind->namespaced || kind->serving != api::Serving::kStored || kind->alias) continue;
    if (kind->plural == "pods") {
      kinds.insert(kinds.begin(), kind);
    } else {
      kinds.push_back(kind);
    }
  }
  return kinds;
}

std::string listed(const std::map<std::string, int>& counts, const char* format_word) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts)
    parts.push_back(fmt::format("{} {} {} resource instances", name, format_word, count));
  return fmt::format("{}", fmt::join(parts, ", "));
}

void set(api::NamespaceStatus& status, const char* type, bool holds, const char* reason,
         std::string text, TimePoint now) {
  api::NamespaceCondition next;
  next.type = type;
  next.status = holds ? "True" : "False";
  next.reason = reason;
  next.message = std::move(text);
  next.lastTransitionTime = api::Time(now);
  for (api::NamespaceCondition& present : status.conditions) {
    if (present.type != next.type) continue;
    if (present.status == next.status) next.lastTransitionTime = present.lastTransitionTime;
    present = std::move(next);
    return;
  }
  status.conditions.push_back(std::move(next));
}

}  // namespace

api::NamespaceStatus namespace_status(const api::Namespace& ns, const NamespaceRemains& remains,
                                      TimePoint now) {
  api::NamespaceStatus status = ns.status;
  status.phase = "Terminating";
  set(status, "NamespaceDeletionContentFailure", false, "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization", now);
  if (remains.objects.empty()) {
    set(status, "NamespaceContentRemaining", false, "ContentRemoved",
        "All content successfully removed", now);
  } else {
    set(status, "NamespaceContentRemaining", true, "SomeResourcesRemain",
        "Some resources are remaining: " + listed(remains.objects, "has"), now);
  }
  if (remains.finalizers.empty()) {
    set(status, "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
        "All content-preserving finalizers finished", now);
  } else {
    set(status, "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: " +
            listed(remains.finalizers, "in"),
        now);
  }
  return status;
}

awaitable<Result<kube::Outcome>> NamespaceReconciler::reconcile(const kube::ObjectKey& key) {
  const auto ns = stores_.namespaces.get(key);
  if (!ns || !ns->metadata.deletionTimestamp) co_return kube::Outcome::done();
  const std::string name = ns->metadata.name;
  NamespaceRemains remains;
  for (const api::Kind* kind : kinds_in_order()) {
    CO_RETURN_IF_ERROR(co_await remove_all(*kind, name), "delete {}", kind->plural);
    CO_RETURN_IF_ERROR(co_await count(*kind, name, remains), "count {}", kind->plural);
    if (kind->plural == "pods" && !remains.empty()) break;
  }
  if (remains.empty()) {
    CO_RETURN_IF_ERROR(co_await finalize(*ns), "finalize");
    co_return kube::Outcome::done();
  }
  api::NamespaceStatus status = namespace_status(*ns, remains, clock_.now());
  if (!api::equal(status, ns->status)) {
    api::Namespace updated = *ns;
    updated.status = std::move(status);
    const auto written = co_await client_.update_status(std::move(updated));
    CO_RETURN_IF_ERROR(written, "status");
  }
  co_return kube::Outcome::after(kLookAgain);
}

awaitable<Status> NamespaceReconciler::remove_all(const api::Kind& kind, std::string ns) {
  const auto removed = co_await client_.send(
      "DELETE", kube::resource_path(kind, ns), "application/json",
      R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"})");
  co_return removed.status();
}

awaitable<Status> NamespaceReconciler::count(const api::Kind& kind, std::string ns,
                                             NamespaceRemains& remains) {
  const auto body = co_await client_.send("GET", kube::resource_path(kind, ns), "", "");
  CO_RETURN_IF_ERROR(body);
  for (std::string_view item :
       kube::json_elements(kube::json_member(*body, "items").value_or("[]"))) {
    ++remains.objects[fmt::format("{}.{}", kind.plural, kind.group)];
    const auto metadata = kube::json_member(item, "metadata");
    const auto finalizers = metadata ? kube::json_member(*metadata, "finalizers") : std::nullopt;
    for (std::string_view finalizer : kube::json_elements(finalizers.value_or("[]")))
      ++remains.finalizers[kube::json_string(finalizer).value_or("")];
  }
  co_return absl::OkStatus();
}

awaitable<Status> NamespaceReconciler::finalize(const api::Namespace& ns) {
  api::Namespace updated = ns;
  std::erase(updated.spec.finalizers, kFinalizer);
  const auto written = co_await client_.send(
      "PUT", kube::resource_path(api::kind_of<api::Namespace>(), "", ns.metadata.name, "finalize"),
      "application/json", api::encode_json(updated));
  co_return written.status().code() == StatusCode::kNotFound ? absl::OkStatus() : written.status();
}

void NamespaceReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  stores.namespaces.subscribe([&loop](const auto&, const auto& after) {
    if (after && after->metadata.deletionTimestamp) loop.enqueue(kube::key_of(*after));
  });
  // The last pod of a terminating namespace going is what it waits for.
  stores.pods.subscribe([&stores, &loop](const auto& before, const auto& after) {
    if (after || !before) return;
    const auto ns = stores.namespaces.get({"", before->metadata.namespace_});
    if (ns && ns->metadata.deletionTimestamp) loop.enqueue(kube::key_of(*ns));
  });
}

}  // namespace skiff::controllers
