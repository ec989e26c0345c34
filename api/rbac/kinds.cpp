// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"
#include "api/rbac/types.h"

namespace skiff::api::rbac {
namespace {
constexpr const char* kGroup = "rbac.authorization.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      named(check_path_segment, stored<Role>(kGroup, "roles", kNamespaced)),
      named(check_path_segment, stored<ClusterRole>(kGroup, "clusterroles", kCluster)),
      named(check_path_segment, stored<RoleBinding>(kGroup, "rolebindings", kNamespaced)),
      named(check_path_segment,
            stored<ClusterRoleBinding>(kGroup, "clusterrolebindings", kCluster)),
  };
  return all;
}

}  // namespace skiff::api::rbac
