// SPDX-License-Identifier: Apache-2.0
#include "api/autoscaling/scale.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::autoscaling {
namespace {
constexpr const char* kGroup = "autoscaling";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      message<Scale>(kGroup),
  };
  return all;
}

}  // namespace skiff::api::autoscaling
