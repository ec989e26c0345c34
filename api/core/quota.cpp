// SPDX-License-Identifier: Apache-2.0
#include "api/core/quota.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(LimitRangeItem, KUBE_FIELD(type, 1, .required = true), KUBE_FIELD(max, 2),
            KUBE_FIELD(min, 3), KUBE_FIELD(default_, 4), KUBE_FIELD(defaultRequest, 5),
            KUBE_FIELD(maxLimitRequestRatio, 6))

KUBE_FIELDS(LimitRangeSpec, KUBE_FIELD(limits, 1, .required = true))

KUBE_FIELDS(LimitRange, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"))

KUBE_FIELDS(ScopedResourceSelectorRequirement, KUBE_FIELD(scopeName, 1, .required = true),
            KUBE_FIELD(operator_, 2, .required = true, .values = "DoesNotExist,Exists,In,NotIn"),
            KUBE_FIELD(values, 3))

KUBE_ATOMIC(ScopeSelector, KUBE_FIELD(matchExpressions, 1))

KUBE_FIELDS(ResourceQuotaSpec, KUBE_FIELD(hard, 1), KUBE_FIELD(scopes, 2),
            KUBE_FIELD(scopeSelector, 3))

KUBE_FIELDS(ResourceQuotaStatus, KUBE_FIELD(hard, 1), KUBE_FIELD(used, 2))

KUBE_FIELDS(ResourceQuota, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
