// SPDX-License-Identifier: Apache-2.0
#include "api/apps/controller_revision.h"
#include "api/apps/daemon_set.h"
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/apps/stateful_set.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::apps {
namespace {
constexpr const char* kGroup = "apps";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<Deployment>(kGroup, "deployments", kNamespaced, {"deploy"}, {"all"}),
      stored<ReplicaSet>(kGroup, "replicasets", kNamespaced, {"rs"}, {"all"}),
      stored<ControllerRevision>(kGroup, "controllerrevisions", kNamespaced),
      stored<DaemonSet>(kGroup, "daemonsets", kNamespaced, {"ds"}, {"all"}),
      stored<StatefulSet>(kGroup, "statefulsets", kNamespaced, {"sts"}, {"all"}),
  };
  return all;
}

}  // namespace skiff::api::apps
