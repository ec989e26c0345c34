// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"
#include "api/scheduling/types.h"

namespace skiff::api::scheduling {
namespace {
constexpr const char* kGroup = "scheduling.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<PriorityClass>(kGroup, "priorityclasses", kCluster, {"pc"}),
  };
  return all;
}

}  // namespace skiff::api::scheduling
