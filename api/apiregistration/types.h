// SPDX-License-Identifier: Apache-2.0
// API groups that others serve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A Service that serves a group.
struct ServiceReference {
  std::string name;
  std::string namespace_;
  std::optional<int32_t> port;
};
KUBE_TYPE(ServiceReference)

// Who serves a version of a group.
struct APIServiceSpec {
  Bytes caBundle;
  std::string group;
  int32_t groupPriorityMinimum = 0;
  bool insecureSkipTLSVerify = false;
  Box<ServiceReference> service;
  std::string version;
  int32_t versionPriority = 0;
};
KUBE_TYPE(APIServiceSpec)

// One aspect of its state.
struct APIServiceCondition {
  Time lastTransitionTime;
  std::string message;
  std::string reason;
  std::string status;
  std::string type;
};
KUBE_TYPE(APIServiceCondition)

// What became of it.
struct APIServiceStatus {
  std::vector<APIServiceCondition> conditions;
};
KUBE_TYPE(APIServiceStatus)

// A version of a group, and who serves it.
struct APIService {
  ObjectMeta metadata;
  APIServiceSpec spec;
  APIServiceStatus status;
};
KUBE_TYPE(APIService)

}  // namespace skiff::api
