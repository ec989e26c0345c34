// SPDX-License-Identifier: Apache-2.0
#include "api/authentication/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.authentication.v1.")

KUBE_FIELDS(UserInfo, KUBE_FIELD(username, 1), KUBE_FIELD(uid, 2), KUBE_FIELD(groups, 3),
            KUBE_FIELD(extra, 4))

KUBE_FIELDS(TokenReviewSpec, KUBE_FIELD(token, 1, .required = true), KUBE_FIELD(audiences, 2))

KUBE_FIELDS(TokenReviewStatus, KUBE_FIELD(authenticated, 1), KUBE_FIELD(user, 2),
            KUBE_FIELD(error, 3), KUBE_FIELD(audiences, 4))

KUBE_FIELDS(TokenReview, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(BoundObjectReference, KUBE_FIELD(kind, 1), KUBE_FIELD(apiVersion, 2),
            KUBE_FIELD(name, 3), KUBE_FIELD(uid, 4))

KUBE_FIELDS(TokenRequestSpec, KUBE_FIELD(audiences, 1), KUBE_FIELD(boundObjectRef, 3),
            KUBE_FIELD(expirationSeconds, 4, .min = 600, .max = 4294967296))

KUBE_FIELDS(TokenRequestStatus, KUBE_FIELD(token, 1),
            KUBE_FIELD(expirationTimestamp, 2, .null_zero = true))

KUBE_FIELDS(TokenRequest, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(SelfSubjectReviewStatus, KUBE_FIELD(userInfo, 1))

KUBE_FIELDS(SelfSubjectReview, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(status, 2, .doc = "the observed state"))

}  // namespace skiff::api
