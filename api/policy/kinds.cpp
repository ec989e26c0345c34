// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/policy/types.h"

namespace skiff::api::policy {
namespace {
constexpr const char* kGroup = "policy";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<PodDisruptionBudget>(kGroup, "poddisruptionbudgets", kNamespaced, {"pdb"}),
      message<Eviction>(kGroup),
  };
  return all;
}

}  // namespace skiff::api::policy
