// SPDX-License-Identifier: Apache-2.0
#include "api/core/affinity.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(NodeSelectorRequirement, KUBE_FIELD(key, 1, .required = true),
            KUBE_FIELD(operator_, 2, .required = true,
                       .values = "DoesNotExist,Exists,Gt,In,Lt,NotIn"),
            KUBE_FIELD(values, 3))

KUBE_ATOMIC(NodeSelectorTerm, KUBE_FIELD(matchExpressions, 1), KUBE_FIELD(matchFields, 2))

KUBE_ATOMIC(NodeSelector, KUBE_FIELD(nodeSelectorTerms, 1, .required = true))

KUBE_FIELDS(PreferredSchedulingTerm, KUBE_FIELD(weight, 1, .required = true, .min = 1, .max = 100),
            KUBE_FIELD(preference, 2, .required = true))

KUBE_FIELDS(NodeAffinity, KUBE_FIELD(requiredDuringSchedulingIgnoredDuringExecution, 1),
            KUBE_FIELD(preferredDuringSchedulingIgnoredDuringExecution, 2))

KUBE_FIELDS(PodAffinityTerm, KUBE_FIELD(labelSelector, 1), KUBE_FIELD(namespaces, 2),
            KUBE_FIELD(topologyKey, 3, .required = true), KUBE_FIELD(namespaceSelector, 4),
            KUBE_FIELD(matchLabelKeys, 5), KUBE_FIELD(mismatchLabelKeys, 6))

KUBE_FIELDS(WeightedPodAffinityTerm, KUBE_FIELD(weight, 1, .required = true, .min = 1, .max = 100),
            KUBE_FIELD(podAffinityTerm, 2, .required = true))

KUBE_FIELDS(PodAffinity, KUBE_FIELD(requiredDuringSchedulingIgnoredDuringExecution, 1),
            KUBE_FIELD(preferredDuringSchedulingIgnoredDuringExecution, 2))

KUBE_FIELDS(PodAntiAffinity, KUBE_FIELD(requiredDuringSchedulingIgnoredDuringExecution, 1),
            KUBE_FIELD(preferredDuringSchedulingIgnoredDuringExecution, 2))

KUBE_FIELDS(Affinity, KUBE_FIELD(nodeAffinity, 1), KUBE_FIELD(podAffinity, 2),
            KUBE_FIELD(podAntiAffinity, 3))

KUBE_FIELDS(Taint, KUBE_FIELD(key, 1, .required = true), KUBE_FIELD(value, 2),
            KUBE_FIELD(effect, 3, .required = true,
                       .values = "NoExecute,NoSchedule,PreferNoSchedule"),
            KUBE_FIELD(timeAdded, 4))

KUBE_FIELDS(Toleration, KUBE_FIELD(key, 1), KUBE_FIELD(operator_, 2, .values = "Equal,Exists"),
            KUBE_FIELD(value, 3),
            KUBE_FIELD(effect, 4, .values = "NoExecute,NoSchedule,PreferNoSchedule"),
            KUBE_FIELD(tolerationSeconds, 5))

KUBE_FIELDS(TopologySpreadConstraint, KUBE_FIELD(maxSkew, 1, .required = true, .min = 1),
            KUBE_FIELD(topologyKey, 2, .required = true),
            KUBE_FIELD(whenUnsatisfiable, 3, .required = true,
                       .values = "DoNotSchedule,ScheduleAnyway"),
            KUBE_FIELD(labelSelector, 4), KUBE_FIELD(minDomains, 5, .min = 1),
            KUBE_FIELD(nodeAffinityPolicy, 6, .values = "Honor,Ignore"),
            KUBE_FIELD(nodeTaintsPolicy, 7, .values = "Honor,Ignore"),
            KUBE_FIELD(matchLabelKeys, 8))

}  // namespace skiff::api
