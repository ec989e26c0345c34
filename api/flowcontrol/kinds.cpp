// SPDX-License-Identifier: Apache-2.0
#include "api/flowcontrol/flow_schema.h"
#include "api/flowcontrol/priority_level.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::flowcontrol {
namespace {
constexpr const char* kGroup = "flowcontrol.apiserver.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<FlowSchema>(kGroup, "flowschemas", kCluster),
      stored<PriorityLevelConfiguration>(kGroup, "prioritylevelconfigurations", kCluster),
  };
  return all;
}

}  // namespace skiff::api::flowcontrol
