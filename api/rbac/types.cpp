// SPDX-License-Identifier: Apache-2.0
#include "api/rbac/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.rbac.v1.")

KUBE_FIELDS(PolicyRule, KUBE_FIELD(verbs, 1, .required = true, .doc = "* is all"),
            KUBE_FIELD(apiGroups, 2), KUBE_FIELD(resources, 3), KUBE_FIELD(resourceNames, 4),
            KUBE_FIELD(nonResourceURLs, 5))

KUBE_FIELDS(AggregationRule, KUBE_FIELD(clusterRoleSelectors, 1))

KUBE_FIELDS(Role, KUBE_FIELD(metadata, 1, .doc = "standard metadata"), KUBE_FIELD(rules, 2))

KUBE_FIELDS(ClusterRole, KUBE_FIELD(metadata, 1, .doc = "standard metadata"), KUBE_FIELD(rules, 2),
            KUBE_FIELD(aggregationRule, 3))

KUBE_ATOMIC_AS(RbacSubject, "Subject", KUBE_FIELD(kind, 1, .required = true),
               KUBE_FIELD(apiGroup, 2), KUBE_FIELD(name, 3, .required = true),
               KUBE_FIELD(namespace_, 4))

KUBE_ATOMIC(RoleRef, KUBE_FIELD(apiGroup, 1), KUBE_FIELD(kind, 2, .required = true),
            KUBE_FIELD(name, 3, .required = true))

KUBE_FIELDS(RoleBinding, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(subjects, 2), KUBE_FIELD(roleRef, 3, .required = true))

KUBE_FIELDS(ClusterRoleBinding, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(subjects, 2), KUBE_FIELD(roleRef, 3, .required = true))

}  // namespace skiff::api
