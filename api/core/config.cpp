// SPDX-License-Identifier: Apache-2.0
#include "api/core/config.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ConfigMap, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(data, 2, .doc = "text by key"),
            KUBE_FIELD(binaryData, 3, .doc = "bytes by key"),
            KUBE_FIELD(immutable, 4, .doc = "content can no more change"))

KUBE_FIELDS(Secret, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(data, 2, .doc = "bytes by key"),
            KUBE_FIELD(type, 3, .immutable = true, .doc = "what consumers expect in it"),
            KUBE_FIELD(stringData, 4, .doc = "text by key; write only, goes into data"),
            KUBE_FIELD(immutable, 5, .doc = "content can no more change"))

KUBE_FIELDS(ServiceAccount, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(secrets, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"),
            KUBE_FIELD(imagePullSecrets, 3), KUBE_FIELD(automountServiceAccountToken, 4))

}  // namespace skiff::api
