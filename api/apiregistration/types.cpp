// SPDX-License-Identifier: Apache-2.0
#include "api/apiregistration/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.")

KUBE_FIELDS(ServiceReference, KUBE_FIELD(name, 2), KUBE_FIELD(namespace_, 1), KUBE_FIELD(port, 3))

KUBE_FIELDS(APIServiceSpec, KUBE_FIELD(caBundle, 5), KUBE_FIELD(group, 2),
            KUBE_FIELD(groupPriorityMinimum, 7, .required = true),
            KUBE_FIELD(insecureSkipTLSVerify, 4), KUBE_FIELD(service, 1), KUBE_FIELD(version, 3),
            KUBE_FIELD(versionPriority, 8, .required = true))

KUBE_FIELDS(APIServiceCondition, KUBE_FIELD(lastTransitionTime, 3, .null_zero = true),
            KUBE_FIELD(message, 5), KUBE_FIELD(reason, 4), KUBE_FIELD(status, 2, .required = true),
            KUBE_FIELD(type, 1, .required = true))

KUBE_FIELDS(APIServiceStatus,
            KUBE_FIELD(conditions, 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(APIService, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
