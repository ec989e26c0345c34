// SPDX-License-Identifier: Apache-2.0
#include "api/discovery/endpoint_slice.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.discovery.v1.")

KUBE_FIELDS(ForNode, KUBE_FIELD(name, 1, .required = true))

KUBE_FIELDS(ForZone, KUBE_FIELD(name, 1, .required = true))

KUBE_FIELDS(EndpointHints, KUBE_FIELD(forZones, 1), KUBE_FIELD(forNodes, 2))

KUBE_FIELDS(EndpointConditions, KUBE_FIELD(ready, 1), KUBE_FIELD(serving, 2),
            KUBE_FIELD(terminating, 3))

KUBE_FIELDS(Endpoint, KUBE_FIELD(addresses, 1, .required = true, .list = ListType::kSet),
            KUBE_FIELD(conditions, 2), KUBE_FIELD(hostname, 3), KUBE_FIELD(targetRef, 4),
            KUBE_FIELD(deprecatedTopology, 5), KUBE_FIELD(nodeName, 6), KUBE_FIELD(zone, 7),
            KUBE_FIELD(hints, 8))

KUBE_ATOMIC_AS(EndpointSlicePort, "EndpointPort", KUBE_FIELD(name, 1),
               KUBE_FIELD(protocol, 2, .values = "TCP,UDP,SCTP"),
               KUBE_FIELD(port, 3, .min = 0, .max = 65535), KUBE_FIELD(appProtocol, 4))

KUBE_FIELDS(EndpointSlice, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(endpoints, 2), KUBE_FIELD(ports, 3),
            KUBE_FIELD(addressType, 4, .required = true, .immutable = true,
                       .values = "FQDN,IPv4,IPv6"))

}  // namespace skiff::api
