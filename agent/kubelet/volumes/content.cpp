// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/volumes/content.h"

namespace skiff::kubelet {
namespace {

constexpr int32_t kDefaultMode = 0644;
constexpr int32_t kTokenMode = 0600;

using Data = std::map<std::string, std::string>;

Data data_of(const api::ConfigMap& map) {
  Data data = map.data;
  for (const auto& [key, bytes] : map.binaryData) data[key] = bytes.value;
  return data;
}

Data data_of(const api::Secret& secret) {
  Data data;
  for (const auto& [key, bytes] : secret.data) data[key] = bytes.value;
  return data;
}

// One ConfigMap or Secret as a source of files.
struct KeySource {
  const char* kind;  // "configmap", "secret"
  std::string name;
  const std::vector<api::KeyToPath>& items;
  int32_t mode;
  bool optional;
};

Status add_keys(const KeySource& source, const Data& data, VolumeFiles& files) {
  if (source.items.empty()) {
    for (const auto& [key, value] : data) files[key] = {value, source.mode, {}};
    return absl::OkStatus();
  }
  for (const auto& item : source.items) {
    const auto found = data.find(item.key);
    if (found != data.end())
      files[item.path] = {found->second, item.mode.value_or(source.mode), {}};
    else if (!source.optional)
      return not_found("{} \"{}\" references non-existent {} key: {}", source.kind, source.name,
                       source.kind, item.key);
  }
  return absl::OkStatus();
}

template <class Objects>
Status add_object(const KeySource& source, const Objects& objects, VolumeFiles& files) {
  const auto found = objects.find(source.name);
  if (found != objects.end() && found->second)
    return add_keys(source, data_of(*found->second), files);
  if (source.optional) return absl::OkStatus();
  return not_found("{} \"{}\" not found", source.kind, source.name);
}

Status add_downward(const std::vector<api::DownwardAPIVolumeFile>& items, int32_t mode,
                    const ContentInput& input, VolumeFiles& files) {
  for (const auto& item : items) {
    std::string text;
    if (item.fieldRef) {
      ASSIGN_OR_RETURN(text, field_value(input.pod, item.fieldRef->fieldPath, input.context),
                       "downwardAPI {}", item.path);
    } else if (item.resourceFieldRef) {
      ASSIGN_OR_RETURN(
          text, resource_value(input.pod, *item.resourceFieldRef, nullptr, input.context.options),
          "downwardAPI {}", item.path);
    }
    files[item.path] = {std::move(text), item.mode.value_or(mode), {}};
  }
  return absl::OkStatus();
}

// The one user all containers run as, if there is one: the owner of tokens, so that they can be
// private to it.
std::optional<int64_t> common_user(const api::Pod& pod) {
  std::optional<int64_t> common;
  const auto of_pod =
      pod.spec.securityContext ? pod.spec.securityContext->runAsUser : std::optional<int64_t>();
  for (const auto* list : {&pod.spec.containers, &pod.spec.initContainers}) {
    for (const auto& container : *list) {
      const auto own = container.securityContext && container.securityContext->runAsUser
                           ? container.securityContext->runAsUser
                           : of_pod;
      if (!own || (common && *common != *own)) return std::nullopt;
      common = own;
    }
  }
  return common;
}

Status add_token(const api::ServiceAccountTokenProjection& projection, int32_t mode,
                 const ContentInput& input, VolumeFiles& files) {
  const auto token = input.tokens.find(projection.path);
  if (token == input.tokens.end()) return not_found("no token for {}", projection.path);
  const auto user = common_user(input.pod);
  const bool has_group = input.pod.spec.securityContext && input.pod.spec.securityContext->fsGroup;
  // Readable for a known user alone; with a group for it too; else for all, as nobody knows who
  // will read.
  const int32_t token_mode = has_group ? 0640 : user ? kTokenMode : mode;
  files[projection.path] = {token->second, token_mode, user};
  return absl::OkStatus();
}

Status add_projection(const api::VolumeProjection& source, int32_t mode, const ContentInput& input,
                      VolumeFiles& files) {
  if (source.configMap) {
    const auto& from = *source.configMap;
    return add_object({"configmap", from.name, from.items, mode, from.optional.value_or(false)},
                      input.objects.config_maps, files);
  }
  if (source.secret) {
    const auto& from = *source.secret;
    return add_object({"secret", from.name, from.items, mode, from.optional.value_or(false)},
                      input.objects.secrets, files);
  }
  if (source.downwardAPI) return add_downward(source.downwardAPI->items, mode, input, files);
  if (source.serviceAccountToken) return add_token(*source.serviceAccountToken, mode, input, files);
  return unimplemented("projected source of a kind that this node does not know");
}

}  // namespace

bool has_content(const api::Volume& volume) {
  return volume.configMap || volume.secret || volume.downwardAPI || volume.projected;
}

VolumeReferences volume_references(const api::Volume& volume) {
  VolumeReferences references;
  if (volume.configMap) references.names.config_maps.insert(volume.configMap->name);
  if (volume.secret) references.names.secrets.insert(volume.secret->secretName);
  if (volume.projected) {
    for (const auto& source : volume.projected->sources) {
      if (source.configMap) references.names.config_maps.insert(source.configMap->name);
      if (source.secret) references.names.secrets.insert(source.secret->name);
      if (source.serviceAccountToken) references.tokens.push_back(*source.serviceAccountToken);
    }
  }
  return references;
}

Result<VolumeFiles> volume_content(const api::Volume& volume, const ContentInput& input) {
  VolumeFiles files;
  if (volume.configMap) {
    const auto& from = *volume.configMap;
    RETURN_IF_ERROR(
        add_object({"configmap", from.name, from.items, from.defaultMode.value_or(kDefaultMode),
                    from.optional.value_or(false)},
                   input.objects.config_maps, files));
  } else if (volume.secret) {
    const auto& from = *volume.secret;
    RETURN_IF_ERROR(
        add_object({"secret", from.secretName, from.items, from.defaultMode.value_or(kDefaultMode),
                    from.optional.value_or(false)},
                   input.objects.secrets, files));
  } else if (volume.downwardAPI) {
    RETURN_IF_ERROR(add_downward(volume.downwardAPI->items,
                                 volume.downwardAPI->defaultMode.value_or(kDefaultMode), input,
                                 files));
  } else if (volume.projected) {
    for (const auto& source : volume.projected->sources)
      RETURN_IF_ERROR(add_projection(source, volume.projected->defaultMode.value_or(kDefaultMode),
                                     input, files));
  }
  return files;
}

}  // namespace skiff::kubelet
