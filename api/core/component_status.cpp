// SPDX-License-Identifier: Apache-2.0
#include "api/core/component_status.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ComponentCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .doc = "the observed state"),
            KUBE_FIELD(message, 3), KUBE_FIELD(error, 4))

KUBE_FIELDS(ComponentStatus, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(conditions, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

}  // namespace skiff::api
