// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/rules.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.admissionregistration.v1.")

KUBE_FIELDS(MatchCondition, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(expression, 2, .required = true))

KUBE_FIELDS(RuleWithOperations, KUBE_FIELD(operations, 1), KUBE_FIELD(apiGroups, 1, .outer = 2),
            KUBE_FIELD(apiVersions, 2, .outer = 2), KUBE_FIELD(resources, 3, .outer = 2),
            KUBE_FIELD(scope, 4, .outer = 2, .values = "*,Cluster,Namespaced"))

KUBE_ATOMIC(NamedRuleWithOperations, KUBE_FIELD(resourceNames, 1),
            KUBE_FIELD(operations, 1, .outer = 2), KUBE_FIELD(apiGroups, 1, .outer = 0x0202),
            KUBE_FIELD(apiVersions, 2, .outer = 0x0202), KUBE_FIELD(resources, 3, .outer = 0x0202),
            KUBE_FIELD(scope, 4, .outer = 0x0202, .values = "*,Cluster,Namespaced"))

KUBE_ATOMIC(MatchResources, KUBE_FIELD(namespaceSelector, 1), KUBE_FIELD(objectSelector, 2),
            KUBE_FIELD(resourceRules, 3), KUBE_FIELD(excludeResourceRules, 4),
            KUBE_FIELD(matchPolicy, 7, .values = "Equivalent,Exact"))

}  // namespace skiff::api
