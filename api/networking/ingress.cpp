// SPDX-License-Identifier: Apache-2.0
#include "api/networking/ingress.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.networking.v1.")

KUBE_ATOMIC(ServiceBackendPort, KUBE_FIELD(name, 1), KUBE_FIELD(number, 2))

KUBE_FIELDS(IngressServiceBackend, KUBE_FIELD(name, 1, .required = true), KUBE_FIELD(port, 2))

KUBE_FIELDS(IngressBackend, KUBE_FIELD(resource, 3), KUBE_FIELD(service, 4))

KUBE_FIELDS(HTTPIngressPath, KUBE_FIELD(path, 1), KUBE_FIELD(backend, 2, .required = true),
            KUBE_FIELD(pathType, 3, .required = true,
                       .values = "Exact,ImplementationSpecific,Prefix"))

KUBE_FIELDS(HTTPIngressRuleValue, KUBE_FIELD(paths, 1, .required = true))

KUBE_FIELDS(IngressTLS, KUBE_FIELD(hosts, 1), KUBE_FIELD(secretName, 2))

KUBE_FIELDS(IngressRule, KUBE_FIELD(host, 1), KUBE_FIELD(http, 1, .outer = 2))

KUBE_FIELDS(IngressSpec, KUBE_FIELD(defaultBackend, 1, .doc = "what answers when no rule fits"),
            KUBE_FIELD(tls, 2), KUBE_FIELD(rules, 3, .doc = "hosts and paths"),
            KUBE_FIELD(ingressClassName, 4))

KUBE_FIELDS(IngressPortStatus, KUBE_FIELD(port, 1, .required = true),
            KUBE_FIELD(protocol, 2, .required = true), KUBE_FIELD(error, 3))

KUBE_FIELDS(IngressLoadBalancerIngress, KUBE_FIELD(ip, 1), KUBE_FIELD(hostname, 2),
            KUBE_FIELD(ports, 4))

KUBE_FIELDS(IngressLoadBalancerStatus, KUBE_FIELD(ingress, 1))

KUBE_FIELDS(IngressStatus, KUBE_FIELD(loadBalancer, 1))

KUBE_FIELDS(Ingress, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_FIELDS(IngressClassParametersReference, KUBE_FIELD(apiGroup, 1),
            KUBE_FIELD(kind, 2, .required = true), KUBE_FIELD(name, 3, .required = true),
            KUBE_FIELD(scope, 4, .values = "Cluster,Namespace"), KUBE_FIELD(namespace_, 5))

KUBE_FIELDS(IngressClassSpec, KUBE_FIELD(controller, 1, .immutable = true),
            KUBE_FIELD(parameters, 2))

KUBE_FIELDS(IngressClass, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"))

}  // namespace skiff::api
