// SPDX-License-Identifier: Apache-2.0
#include "api/flowcontrol/priority_level.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.flowcontrol.v1.")

KUBE_FIELDS(QueuingConfiguration, KUBE_FIELD(queues, 1), KUBE_FIELD(handSize, 2),
            KUBE_FIELD(queueLengthLimit, 3))

KUBE_FIELDS(LimitResponse, KUBE_FIELD(type, 1, .required = true, .values = "Queue,Reject"),
            KUBE_FIELD(queuing, 2))

KUBE_FIELDS(LimitedPriorityLevelConfiguration, KUBE_FIELD(nominalConcurrencyShares, 1, .min = 0),
            KUBE_FIELD(limitResponse, 2), KUBE_FIELD(lendablePercent, 3, .min = 0, .max = 100),
            KUBE_FIELD(borrowingLimitPercent, 4, .min = 0))

KUBE_FIELDS(ExemptPriorityLevelConfiguration, KUBE_FIELD(nominalConcurrencyShares, 1, .min = 0),
            KUBE_FIELD(lendablePercent, 2, .min = 0, .max = 100))

KUBE_FIELDS(PriorityLevelConfigurationSpec,
            KUBE_FIELD(type, 1, .required = true, .values = "Exempt,Limited"),
            KUBE_FIELD(limited, 2), KUBE_FIELD(exempt, 3))

KUBE_FIELDS(PriorityLevelConfigurationCondition, KUBE_FIELD(type, 1), KUBE_FIELD(status, 2),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(PriorityLevelConfigurationStatus,
            KUBE_FIELD(conditions, 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(PriorityLevelConfiguration, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
