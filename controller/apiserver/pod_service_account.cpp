// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/pod_service_account.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/codec.h"
#include "api/core/config.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/object_meta.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
// An hour and seven seconds: kubelet and server know the projected token of pods by it.
constexpr int64_t kTokenSeconds = 3607;
constexpr int32_t kFileMode = 0644;

std::string account_key(std::string_view namespace_, std::string_view account) {
  return store::registry_key("serviceaccounts", namespace_, account.empty() ? "default" : account);
}

bool is_mounted(const api::Container& container) {
  return std::any_of(container.volumeMounts.begin(), container.volumeMounts.end(),
                     [](const api::VolumeMount& mount) { return mount.mountPath == kMountPath; });
}

// Token, root certificates and namespace in one directory.
api::Volume token_volume(std::string name) {
  api::Volume volume{.name = std::move(name)};
  api::ProjectedVolumeSource& projected = volume.projected.emplace();
  projected.defaultMode = kFileMode;
  api::VolumeProjection token;
  token.serviceAccountToken =
      api::ServiceAccountTokenProjection{.expirationSeconds = kTokenSeconds, .path = "token"};
  api::VolumeProjection roots;
  roots.configMap = api::ConfigMapProjection{.name = "kube-root-ca.crt",
                                             .items = {{.key = "ca.crt", .path = "ca.crt"}}};
  api::DownwardAPIVolumeFile file{.path = "namespace"};
  file.fieldRef = api::ObjectFieldSelector{.apiVersion = "v1", .fieldPath = "metadata.namespace"};
  api::VolumeProjection namespace_;
  namespace_.downwardAPI = api::DownwardAPIProjection{.items = {std::move(file)}};
  projected.sources = {std::move(token), std::move(roots), std::move(namespace_)};
  return volume;
}

void mount_token(api::Pod& pod) {
  const std::string name = "kube-api-access-" + random_suffix();
  bool used = false;
  for (auto* containers : {&pod.spec.initContainers, &pod.spec.containers})
    for (api::Container& container : *containers) {
      if (is_mounted(container)) continue;
      container.volumeMounts.push_back({.name = name, .readOnly = true, .mountPath = kMountPath});
      used = true;
    }
  if (used) pod.spec.volumes.push_back(token_volume(name));
}

}  // namespace

awaitable<void> await_service_account(const store::Store& store, std::string namespace_,
                                      std::string account) {
  for (int tries = 0; tries < 50 && !store.get(account_key(namespace_, account)).ok(); ++tries)
    (void)co_await sleep_for(std::chrono::milliseconds(20));
}

Status add_service_account(api::Pod& pod, const store::Store& store) {
  auto& spec = pod.spec;
  if (spec.serviceAccountName.empty()) spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName.empty()) spec.serviceAccountName = "default";
  spec.serviceAccount = spec.serviceAccountName;  // the old name of the field, kept equal
  const std::string& namespace_ = pod.metadata.namespace_;
  const auto record = store.get(account_key(namespace_, spec.serviceAccountName));
  if (!record.ok())
    return errors::forbidden(
        {"", "pods"}, pod.metadata.name,
        fmt::format("error looking up service account {0}/{1}: serviceaccount \"{1}\" not found",
                    namespace_, spec.serviceAccountName));
  ASSIGN_OR_RETURN(const auto account, api::decode_json<api::ServiceAccount>(*(*record)->value),
                   "stored account");
  if (spec.imagePullSecrets.empty()) spec.imagePullSecrets = account.imagePullSecrets;
  const bool automount = spec.automountServiceAccountToken.value_or(
      account.automountServiceAccountToken.value_or(true));
  if (automount) mount_token(pod);
  return absl::OkStatus();
}

}  // namespace skiff::apiserver
