// SPDX-License-Identifier: Apache-2.0
#include "api/apps/daemon_set.h"
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/apps/stateful_set.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::apps {
namespace {

void deployment_spec(DeploymentSpec& spec) {
  set(spec.replicas, 1);
  set(spec.revisionHistoryLimit, 10);
  set(spec.progressDeadlineSeconds, 600);
  set(spec.strategy.type, "RollingUpdate");
  if (spec.strategy.type != "RollingUpdate") return;
  RollingUpdateDeployment& update = spec.strategy.rollingUpdate.ensure();
  set(update.maxUnavailable, "25%");
  set(update.maxSurge, "25%");
}
void replica_set_spec(ReplicaSetSpec& spec) {
  set(spec.replicas, 1);
}
void daemon_set_spec(DaemonSetSpec& spec) {
  set(spec.revisionHistoryLimit, 10);
  set(spec.updateStrategy.type, "RollingUpdate");
  if (spec.updateStrategy.type != "RollingUpdate") return;
  RollingUpdateDaemonSet& update = spec.updateStrategy.rollingUpdate.ensure();
  set(update.maxUnavailable, 1);
  set(update.maxSurge, 0);
}
void stateful_set_spec(StatefulSetSpec& spec) {
  set(spec.replicas, 1);
  set(spec.revisionHistoryLimit, 10);
  set(spec.podManagementPolicy, "OrderedReady");
  auto& retention = spec.persistentVolumeClaimRetentionPolicy.ensure();
  set(retention.whenDeleted, "Retain");
  set(retention.whenScaled, "Retain");
  set(spec.updateStrategy.type, "RollingUpdate");
  if (spec.updateStrategy.type == "RollingUpdate")
    set(spec.updateStrategy.rollingUpdate.ensure().partition, 0);
}

constexpr DefaultHook kDefaults[] = {
    default_hook<deployment_spec>(),
    default_hook<replica_set_spec>(),
    default_hook<daemon_set_spec>(),
    default_hook<stateful_set_spec>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::apps
