// SPDX-License-Identifier: Apache-2.0
#include "api/apps/controller_revision.h"
#include "api/apps/daemon_set.h"
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/apps/stateful_set.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {
namespace {

template <class T>
Resource scalable() {
  Resource resource = row<T>();
  resource.subresources = {scale_part()};
  return with_status(std::move(resource));
}

}  // namespace

void add_apps(Registry& registry, const Parts&) {
  registry.add(scalable<api::Deployment>());
  registry.add(scalable<api::ReplicaSet>());
  registry.add(scalable<api::StatefulSet>());
  registry.add(with_status(row<api::DaemonSet>()));
  registry.add(row<api::ControllerRevision>());
}

}  // namespace skiff::apiserver
