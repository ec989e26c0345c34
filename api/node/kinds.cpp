// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/node/runtime_class.h"

namespace skiff::api::node {

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<RuntimeClass>("node.k8s.io", "runtimeclasses", kCluster),
  };
  return all;
}

}  // namespace skiff::api::node
