// SPDX-License-Identifier: Apache-2.0
// PriorityClasses: names for how important pods are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A name for a priority.
struct PriorityClass {
  ObjectMeta metadata;
  int32_t value = 0;
  bool globalDefault = false;
  std::string description;
  std::optional<std::string> preemptionPolicy;
};
KUBE_TYPE(PriorityClass)

}  // namespace skiff::api
