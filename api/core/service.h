// SPDX-License-Identifier: Apache-2.0
// Services.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// One port of a Service.
struct ServicePort {
  std::string name;
  std::string protocol;
  int32_t port = 0;
  IntOrString targetPort;
  int32_t nodePort = 0;
  std::optional<std::string> appProtocol;
};
KUBE_TYPE(ServicePort)

// Settings of affinity by client address.
struct ClientIPConfig {
  std::optional<int32_t> timeoutSeconds;
};
KUBE_TYPE(ClientIPConfig)

// Settings of session affinity.
struct SessionAffinityConfig {
  Box<ClientIPConfig> clientIP;
};
KUBE_TYPE(SessionAffinityConfig)

// Which pods to reach, and how.
struct ServiceSpec {
  std::vector<ServicePort> ports;
  std::map<std::string, std::string> selector;
  std::string clusterIP;
  std::string type;
  std::vector<std::string> externalIPs;
  std::string sessionAffinity;
  std::string loadBalancerIP;
  std::vector<std::string> loadBalancerSourceRanges;
  std::string externalName;
  std::string externalTrafficPolicy;
  int32_t healthCheckNodePort = 0;
  bool publishNotReadyAddresses = false;
  Box<SessionAffinityConfig> sessionAffinityConfig;
  std::optional<std::string> ipFamilyPolicy;
  std::vector<std::string> clusterIPs;
  std::vector<std::string> ipFamilies;
  std::optional<bool> allocateLoadBalancerNodePorts;
  std::optional<std::string> loadBalancerClass;
  std::optional<std::string> internalTrafficPolicy;
  std::optional<std::string> trafficDistribution;
};
KUBE_TYPE(ServiceSpec)

// A port of a load balancer.
struct PortStatus {
  int32_t port = 0;
  std::string protocol;
  std::optional<std::string> error;
};
KUBE_TYPE(PortStatus)

// An address of a load balancer.
struct LoadBalancerIngress {
  std::string ip;
  std::string hostname;
  std::optional<std::string> ipMode;
  std::vector<PortStatus> ports;
};
KUBE_TYPE(LoadBalancerIngress)

// Where the load balancer is reached.
struct LoadBalancerStatus {
  std::vector<LoadBalancerIngress> ingress;
};
KUBE_TYPE(LoadBalancerStatus)

// What became of a Service.
struct ServiceStatus {
  LoadBalancerStatus loadBalancer;
  std::vector<Condition> conditions;
};
KUBE_TYPE(ServiceStatus)

// A stable name and address for a set of pods.
struct Service {
  ObjectMeta metadata;
  ServiceSpec spec;
  ServiceStatus status;
};
KUBE_TYPE(Service)

}  // namespace skiff::api
