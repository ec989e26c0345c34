// SPDX-License-Identifier: Apache-2.0
#include "api/networking/network_policy.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.networking.v1.")

KUBE_FIELDS(IPBlock, KUBE_FIELD(cidr, 1, .required = true), KUBE_FIELD(except, 2))

KUBE_FIELDS(NetworkPolicyPeer, KUBE_FIELD(podSelector, 1), KUBE_FIELD(namespaceSelector, 2),
            KUBE_FIELD(ipBlock, 3))

KUBE_FIELDS(NetworkPolicyPort, KUBE_FIELD(protocol, 1, .values = "SCTP,TCP,UDP"),
            KUBE_FIELD(port, 2), KUBE_FIELD(endPort, 3))

KUBE_FIELDS(NetworkPolicyIngressRule, KUBE_FIELD(ports, 1), KUBE_FIELD(from, 2))

KUBE_FIELDS(NetworkPolicyEgressRule, KUBE_FIELD(ports, 1), KUBE_FIELD(to, 2))

KUBE_FIELDS(NetworkPolicySpec,
            KUBE_FIELD(podSelector, 1,
                       .doc = "the pods this is about; empty: all of the namespace"),
            KUBE_FIELD(ingress, 2, .doc = "what may reach them"),
            KUBE_FIELD(egress, 3, .doc = "what they may reach"),
            KUBE_FIELD(policyTypes, 4, .values = "Egress,Ingress",
                       .doc = "the directions in which they are isolated"))

KUBE_FIELDS(NetworkPolicy, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"))

}  // namespace skiff::api
