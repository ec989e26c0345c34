// SPDX-License-Identifier: Apache-2.0
#include "api/certificates/types.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.certificates.v1.")

KUBE_FIELDS(CertificateSigningRequestSpec,
            KUBE_FIELD(request, 1, .required = true, .doc = "a PKCS#10 request in PEM"),
            KUBE_FIELD(username, 2), KUBE_FIELD(uid, 3), KUBE_FIELD(groups, 4),
            KUBE_FIELD(usages, 5), KUBE_FIELD(extra, 6),
            KUBE_FIELD(signerName, 7, .required = true), KUBE_FIELD(expirationSeconds, 8))

KUBE_FIELDS(CertificateSigningRequestCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(reason, 2), KUBE_FIELD(message, 3),
            KUBE_FIELD(lastUpdateTime, 4, .null_zero = true),
            KUBE_FIELD(lastTransitionTime, 5, .null_zero = true),
            KUBE_FIELD(status, 6, .required = true))

KUBE_FIELDS(CertificateSigningRequestStatus,
            KUBE_FIELD(conditions, 1, .list = ListType::kMap, .keys = "type"),
            KUBE_FIELD(certificate, 2))

KUBE_FIELDS(CertificateSigningRequest, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .immutable = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
