// SPDX-License-Identifier: Apache-2.0
// What configures pods: ConfigMaps, Secrets, ServiceAccounts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// Configuration as keys and values.
struct ConfigMap {
  ObjectMeta metadata;
  std::map<std::string, std::string> data;
  std::map<std::string, Bytes> binaryData;
  std::optional<bool> immutable;
};
KUBE_TYPE(ConfigMap)

// Sensitive configuration as keys and values.
struct Secret {
  ObjectMeta metadata;
  std::map<std::string, Bytes> data;
  std::string type;
  std::map<std::string, std::string> stringData;
  std::optional<bool> immutable;
};
KUBE_TYPE(Secret)

// An identity for processes in pods.
struct ServiceAccount {
  ObjectMeta metadata;
  std::vector<ObjectReference> secrets;
  std::vector<LocalObjectReference> imagePullSecrets;
  std::optional<bool> automountServiceAccountToken;
};
KUBE_TYPE(ServiceAccount)

}  // namespace skiff::api
