// SPDX-License-Identifier: Apache-2.0
#include "api/networking/service_cidr.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.networking.v1.")

KUBE_FIELDS(ServiceCIDRSpec, KUBE_FIELD(cidrs, 1))

KUBE_FIELDS(ServiceCIDRStatus,
            KUBE_FIELD(conditions, 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(ServiceCIDR, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(ParentReference, KUBE_FIELD(group, 1), KUBE_FIELD(resource, 2, .required = true),
            KUBE_FIELD(namespace_, 3), KUBE_FIELD(name, 4, .required = true))

KUBE_FIELDS(IPAddressSpec, KUBE_FIELD(parentRef, 1, .required = true, .immutable = true))

KUBE_FIELDS(IPAddress, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

}  // namespace skiff::api
