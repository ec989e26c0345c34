// SPDX-License-Identifier: Apache-2.0
#include "api/core/component_status.h"
#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/event.h"
#include "api/core/namespace.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/quota.h"
#include "api/core/replication_controller.h"
#include "api/core/service.h"
#include "api/core/storage.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::core {

std::span<const Kind> kinds() {
  static const Kind all[] = {
      named(check_dns1123_label, stored<Namespace>("", "namespaces", kCluster, {"ns"})),
      stored<Node>("", "nodes", kCluster, {"no"}),
      stored<Pod>("", "pods", kNamespaced, {"po"}, {"all"}),
      named(check_dns1035_label, stored<Service>("", "services", kNamespaced, {"svc"}, {"all"})),
      stored<Endpoints>("", "endpoints", kNamespaced, {"ep"}),
      stored<ConfigMap>("", "configmaps", kNamespaced, {"cm"}),
      stored<Secret>("", "secrets", kNamespaced),
      stored<ServiceAccount>("", "serviceaccounts", kNamespaced, {"sa"}),
      stored<Event>("", "events", kNamespaced, {"ev"}),
      question<Binding>("", "bindings", kNamespaced),
      read_only<ComponentStatus>("", "componentstatuses", kCluster, {"cs"}),
      stored<LimitRange>("", "limitranges", kNamespaced, {"limits"}),
      stored<PersistentVolume>("", "persistentvolumes", kCluster, {"pv"}),
      stored<PersistentVolumeClaim>("", "persistentvolumeclaims", kNamespaced, {"pvc"}),
      stored<PodTemplate>("", "podtemplates", kNamespaced),
      stored<ReplicationController>("", "replicationcontrollers", kNamespaced, {"rc"}, {"all"}),
      stored<ResourceQuota>("", "resourcequotas", kNamespaced, {"quota"}),
  };
  return all;
}

}  // namespace skiff::api::core
