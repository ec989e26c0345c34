// SPDX-License-Identifier: Apache-2.0
// ComponentStatus: deprecated, yet kubectl asks for it.
#pragma once

#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// One aspect of a component's state.
struct ComponentCondition {
  std::string type;
  std::string status;
  std::string message;
  std::string error;
};
KUBE_TYPE(ComponentCondition)

// The health of a component of the control plane.
struct ComponentStatus {
  ObjectMeta metadata;
  std::vector<ComponentCondition> conditions;
};
KUBE_TYPE(ComponentStatus)

}  // namespace skiff::api
