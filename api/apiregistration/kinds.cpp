// SPDX-License-Identifier: Apache-2.0
#include "api/apiregistration/types.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::apiregistration {
namespace {
constexpr const char* kGroup = "apiregistration.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<APIService>(kGroup, "apiservices", kCluster, {}, {"api-extensions"}),
  };
  return all;
}

}  // namespace skiff::api::apiregistration
