// SPDX-License-Identifier: Apache-2.0
#include "api/core/service.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ServicePort, KUBE_FIELD(name, 1),
            KUBE_FIELD(protocol, 2, .values = "TCP,UDP,SCTP", .fallback = R"("TCP")"),
            KUBE_FIELD(port, 3, .required = true, .min = 1, .max = 65535,
                       .doc = "the port clients use"),
            KUBE_FIELD(targetPort, 4, .doc = "the port of the pods, by number or name"),
            KUBE_FIELD(nodePort, 5, .min = 0, .max = 65535, .doc = "the port on every node"),
            KUBE_FIELD(appProtocol, 6))

KUBE_FIELDS(ClientIPConfig, KUBE_FIELD(timeoutSeconds, 1, .min = 1, .max = 86400))

KUBE_FIELDS(SessionAffinityConfig, KUBE_FIELD(clientIP, 1))

KUBE_FIELDS(ServiceSpec,
            KUBE_FIELD(ports, 1, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "port", .keys = "port,protocol", .doc = "the ports it serves"),
            KUBE_FIELD(selector, 2, .atomic = true, .doc = "labels of the pods behind it"),
            KUBE_FIELD(clusterIP, 3, .doc = "its address within the cluster; None: no address"),
            KUBE_FIELD(type, 4, .values = "ClusterIP,ExternalName,LoadBalancer,NodePort",
                       .doc = "from where it can be reached"),
            KUBE_FIELD(externalIPs, 5, .doc = "addresses that nodes also accept for it"),
            KUBE_FIELD(sessionAffinity, 7, .values = "ClientIP,None",
                       .doc = "ClientIP: a client stays with its pod"),
            KUBE_FIELD(loadBalancerIP, 8), KUBE_FIELD(loadBalancerSourceRanges, 9),
            KUBE_FIELD(externalName, 10, .doc = "the DNS name behind type ExternalName"),
            KUBE_FIELD(externalTrafficPolicy, 11, .values = "Cluster,Local",
                       .doc = "Local: only pods of the node that got the packet"),
            KUBE_FIELD(healthCheckNodePort, 12, .min = 0, .max = 65535),
            KUBE_FIELD(publishNotReadyAddresses, 13, .doc = "also pods that are not ready"),
            KUBE_FIELD(sessionAffinityConfig, 14),
            KUBE_FIELD(ipFamilyPolicy, 17,
                       .values = "PreferDualStack,RequireDualStack,SingleStack"),
            KUBE_FIELD(clusterIPs, 18), KUBE_FIELD(ipFamilies, 19, .values = "IPv4,IPv6"),
            KUBE_FIELD(allocateLoadBalancerNodePorts, 20), KUBE_FIELD(loadBalancerClass, 21),
            KUBE_FIELD(internalTrafficPolicy, 22, .values = "Cluster,Local",
                       .doc = "Local: only pods of the node of the client"),
            KUBE_FIELD(trafficDistribution, 23,
                       .values = "PreferClose,PreferSameNode,PreferSameZone"))

KUBE_FIELDS(PortStatus, KUBE_FIELD(port, 1, .required = true),
            KUBE_FIELD(protocol, 2, .required = true, .values = "TCP,UDP,SCTP"),
            KUBE_FIELD(error, 3))

KUBE_FIELDS(LoadBalancerIngress, KUBE_FIELD(ip, 1), KUBE_FIELD(hostname, 2),
            KUBE_FIELD(ipMode, 3, .values = "Proxy,VIP"), KUBE_FIELD(ports, 4))

KUBE_FIELDS(LoadBalancerStatus, KUBE_FIELD(ingress, 1))

KUBE_FIELDS(ServiceStatus, KUBE_FIELD(loadBalancer, 1),
            KUBE_FIELD(conditions, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "type", .keys = "type"))

KUBE_FIELDS(Service, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
