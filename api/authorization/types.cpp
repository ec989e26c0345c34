// SPDX-License-Identifier: Apache-2.0
#include "api/authorization/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.authorization.v1.")

KUBE_FIELDS(FieldSelectorAttributes, KUBE_FIELD(rawSelector, 1), KUBE_FIELD(requirements, 2))

KUBE_FIELDS(LabelSelectorAttributes, KUBE_FIELD(rawSelector, 1), KUBE_FIELD(requirements, 2))

KUBE_FIELDS(ResourceAttributes, KUBE_FIELD(namespace_, 1), KUBE_FIELD(verb, 2),
            KUBE_FIELD(group, 3), KUBE_FIELD(version, 4), KUBE_FIELD(resource, 5),
            KUBE_FIELD(subresource, 6), KUBE_FIELD(name, 7), KUBE_FIELD(fieldSelector, 8),
            KUBE_FIELD(labelSelector, 9))

KUBE_FIELDS(NonResourceAttributes, KUBE_FIELD(path, 1), KUBE_FIELD(verb, 2))

KUBE_FIELDS(SubjectAccessReviewSpec, KUBE_FIELD(resourceAttributes, 1),
            KUBE_FIELD(nonResourceAttributes, 2), KUBE_FIELD(user, 3), KUBE_FIELD(groups, 4),
            KUBE_FIELD(extra, 5), KUBE_FIELD(uid, 6))

KUBE_FIELDS(SubjectAccessReviewStatus, KUBE_FIELD(allowed, 1, .required = true),
            KUBE_FIELD(reason, 2), KUBE_FIELD(evaluationError, 3), KUBE_FIELD(denied, 4))

KUBE_FIELDS(SubjectAccessReview, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(LocalSubjectAccessReview, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(SelfSubjectAccessReviewSpec, KUBE_FIELD(resourceAttributes, 1),
            KUBE_FIELD(nonResourceAttributes, 2))

KUBE_FIELDS(SelfSubjectAccessReview, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(ResourceRule, KUBE_FIELD(verbs, 1, .required = true), KUBE_FIELD(apiGroups, 2),
            KUBE_FIELD(resources, 3), KUBE_FIELD(resourceNames, 4))

KUBE_FIELDS(NonResourceRule, KUBE_FIELD(verbs, 1, .required = true), KUBE_FIELD(nonResourceURLs, 2))

KUBE_FIELDS(SubjectRulesReviewStatus, KUBE_FIELD(resourceRules, 1, .required = true),
            KUBE_FIELD(nonResourceRules, 2, .required = true),
            KUBE_FIELD(incomplete, 3, .required = true), KUBE_FIELD(evaluationError, 4))

KUBE_FIELDS(SelfSubjectRulesReviewSpec, KUBE_FIELD(namespace_, 1))

KUBE_FIELDS(SelfSubjectRulesReview, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
