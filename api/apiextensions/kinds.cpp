// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions/definition.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::apiextensions {
namespace {
constexpr const char* kGroup = "apiextensions.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<CustomResourceDefinition>(kGroup, "customresourcedefinitions", kCluster,
                                       {"crd", "crds"}, {"api-extensions"}),
  };
  return all;
}

}  // namespace skiff::api::apiextensions
