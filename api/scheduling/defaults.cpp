// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/groups.h"
#include "api/scheduling/types.h"

namespace skiff::api::scheduling {
namespace {

void priority_class(PriorityClass& one) {
  set(one.preemptionPolicy, "PreemptLowerPriority");
}

constexpr DefaultHook kDefaults[] = {
    default_hook<priority_class>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::scheduling
