// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/namespace_defaults.h"

namespace skiff::controllers {
namespace {

constexpr const char* kAccount = "default";
constexpr const char* kRootCa = "kube-root-ca.crt";
constexpr const char* kDescription =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across "
    "distributions of Kubernetes "
    "clusters.";

}  // namespace

awaitable<Result<kube::Outcome>> NamespaceDefaultsReconciler::reconcile(
    const kube::ObjectKey& key) {
  const auto ns = stores_.namespaces.get(key);
  if (!ns || ns->metadata.deletionTimestamp) co_return kube::Outcome::done();
  CO_RETURN_IF_ERROR(co_await ensure_service_account(key.name), "service account");
  CO_RETURN_IF_ERROR(co_await ensure_root_ca(key.name), "root CA");
  co_return kube::Outcome::done();
}

awaitable<Status> NamespaceDefaultsReconciler::ensure_service_account(std::string ns) {
  if (stores_.service_accounts.get({ns, kAccount})) co_return absl::OkStatus();
  api::ServiceAccount account;
  account.metadata.namespace_ = ns;
  account.metadata.name = kAccount;
  const auto created = co_await client_.create(std::move(account));
  if (created.status().code() == StatusCode::kAlreadyExists) co_return absl::OkStatus();
  co_return created.status();
}

awaitable<Status> NamespaceDefaultsReconciler::ensure_root_ca(std::string ns) {
  const auto present = stores_.config_maps.get({ns, kRootCa});
  const std::map<std::string, std::string> data = {{"ca.crt", root_ca_}};
  if (present && present->data == data) co_return absl::OkStatus();
  if (present) {
    api::ConfigMap restored = *present;
    restored.data = data;
    const auto updated = co_await client_.update(std::move(restored));
    co_return updated.status();
  }
  api::ConfigMap config;
  config.metadata.namespace_ = ns;
  config.metadata.name = kRootCa;
  config.metadata.annotations["kubernetes.io/description"] = kDescription;
  config.data = data;
  const auto created = co_await client_.create(std::move(config));
  if (created.status().code() == StatusCode::kAlreadyExists) co_return absl::OkStatus();
  co_return created.status();
}

void NamespaceDefaultsReconciler::watch(Stores& stores, kube::ReconcileLoop& loop) {
  stores.namespaces.subscribe([&loop](const auto&, const auto& after) {
    if (after) loop.enqueue(kube::key_of(*after));
  });
  const auto owner = [&loop](const auto& before, const auto& after) {
    const auto& object = after ? after : before;
    if (object->metadata.name == kAccount || object->metadata.name == kRootCa)
      loop.enqueue({"", object->metadata.namespace_});
  };
  stores.service_accounts.subscribe(owner);
  stores.config_maps.subscribe(owner);
}

}  // namespace skiff::controllers
