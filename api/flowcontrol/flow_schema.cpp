// SPDX-License-Identifier: Apache-2.0
#include "api/flowcontrol/flow_schema.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.flowcontrol.v1.")

KUBE_FIELDS(UserSubject, KUBE_FIELD(name, 1, .required = true))

KUBE_FIELDS(GroupSubject, KUBE_FIELD(name, 1, .required = true))

KUBE_FIELDS(ServiceAccountSubject, KUBE_FIELD(namespace_, 1, .required = true),
            KUBE_FIELD(name, 2, .required = true))

KUBE_FIELDS_AS(FlowSubject, "Subject",
               KUBE_FIELD(kind, 1, .required = true, .values = "Group,ServiceAccount,User"),
               KUBE_FIELD(user, 2), KUBE_FIELD(group, 3), KUBE_FIELD(serviceAccount, 4))

KUBE_FIELDS(ResourcePolicyRule, KUBE_FIELD(verbs, 1, .required = true, .list = ListType::kSet),
            KUBE_FIELD(apiGroups, 2, .required = true, .list = ListType::kSet),
            KUBE_FIELD(resources, 3, .required = true, .list = ListType::kSet),
            KUBE_FIELD(clusterScope, 4), KUBE_FIELD(namespaces, 5, .list = ListType::kSet))

KUBE_FIELDS(NonResourcePolicyRule, KUBE_FIELD(verbs, 1, .required = true, .list = ListType::kSet),
            KUBE_FIELD(nonResourceURLs, 6, .required = true, .list = ListType::kSet))

KUBE_FIELDS(PolicyRulesWithSubjects, KUBE_FIELD(subjects, 1, .required = true),
            KUBE_FIELD(resourceRules, 2), KUBE_FIELD(nonResourceRules, 3))

KUBE_FIELDS(PriorityLevelConfigurationReference, KUBE_FIELD(name, 1, .required = true))

KUBE_FIELDS(FlowDistinguisherMethod,
            KUBE_FIELD(type, 1, .required = true, .values = "ByNamespace,ByUser"))

KUBE_FIELDS(FlowSchemaSpec, KUBE_FIELD(priorityLevelConfiguration, 1, .required = true),
            KUBE_FIELD(matchingPrecedence, 2), KUBE_FIELD(distinguisherMethod, 3),
            KUBE_FIELD(rules, 4))

KUBE_FIELDS(FlowSchemaCondition, KUBE_FIELD(type, 1), KUBE_FIELD(status, 2),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(FlowSchemaStatus,
            KUBE_FIELD(conditions, 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(FlowSchema, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
