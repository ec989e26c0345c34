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

      later<ComponentStatus>("", "componentstatuses", kCluster, {"cs"}),
      later<LimitRange>("", "limitranges", kNamespaced, {"limits"}),
      later<PersistentVolume>("", "persistentvolumes", kCluster, {"pv"}),
      later<PersistentVolumeClaim>("", "persistentvolumeclaims", kNamespaced, {"pvc"}),
      later<PodTemplate>("", "podtemplates", kNamespaced),
      later<ReplicationController>("", "replicationcontrollers", kNamespaced, {"rc"}, {"all"}),
      later<ResourceQuota>("", "resourcequotas", kNamespaced, {"quota"}),
  };
  return all;
}

}  // namespace skiff::api::core
