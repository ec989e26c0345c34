// SPDX-License-Identifier: Apache-2.0
#include "api/core/endpoints.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_ATOMIC(EndpointAddress, KUBE_FIELD(ip, 1, .required = true), KUBE_FIELD(targetRef, 2),
            KUBE_FIELD(hostname, 3), KUBE_FIELD(nodeName, 4))

KUBE_ATOMIC(EndpointPort, KUBE_FIELD(name, 1),
            KUBE_FIELD(port, 2, .required = true, .min = 0, .max = 65535),
            KUBE_FIELD(protocol, 3, .values = "TCP,UDP,SCTP"), KUBE_FIELD(appProtocol, 4))

KUBE_FIELDS(EndpointSubset, KUBE_FIELD(addresses, 1), KUBE_FIELD(notReadyAddresses, 2),
            KUBE_FIELD(ports, 3))

KUBE_FIELDS(Endpoints, KUBE_FIELD(metadata, 1, .doc = "standard metadata"), KUBE_FIELD(subsets, 2))

}  // namespace skiff::api
