// SPDX-License-Identifier: Apache-2.0
#include "api/apps/controller_revision.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.apps.v1.")

KUBE_FIELDS(ControllerRevision, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(data, 2, .immutable = true),
            KUBE_FIELD(revision, 3, .required = true, .min = 0))

}  // namespace skiff::api
