// SPDX-License-Identifier: Apache-2.0
// Namespaces.
#pragma once

#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// What must be done before a namespace may go.
struct NamespaceSpec {
  std::vector<std::string> finalizers;
};
KUBE_TYPE(NamespaceSpec)

// One aspect of a namespace's state, told while it is deleted.
struct NamespaceCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(NamespaceCondition)

// Whether a namespace lives or goes.
struct NamespaceStatus {
  std::string phase;
  std::vector<NamespaceCondition> conditions;
};
KUBE_TYPE(NamespaceStatus)

// A scope for names.
struct Namespace {
  ObjectMeta metadata;
  NamespaceSpec spec;
  NamespaceStatus status;
};
KUBE_TYPE(Namespace)

}  // namespace skiff::api
