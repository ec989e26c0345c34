// SPDX-License-Identifier: Apache-2.0
// Ingresses: which host and path leads to which Service; their classes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A port of a Service, by name or number.
struct ServiceBackendPort {
  std::string name;
  int32_t number = 0;
};
KUBE_TYPE(ServiceBackendPort)

// A port of a Service.
struct IngressServiceBackend {
  std::string name;
  ServiceBackendPort port;
};
KUBE_TYPE(IngressServiceBackend)

// Where requests go: a Service or an object of another kind.
struct IngressBackend {
  Box<TypedLocalObjectReference> resource;
  Box<IngressServiceBackend> service;
};
KUBE_TYPE(IngressBackend)

// A path and where it leads.
struct HTTPIngressPath {
  std::string path;
  IngressBackend backend;
  std::string pathType;
};
KUBE_TYPE(HTTPIngressPath)

// The paths of a host.
struct HTTPIngressRuleValue {
  std::vector<HTTPIngressPath> paths;
};
KUBE_TYPE(HTTPIngressRuleValue)

// The certificate of some hosts.
struct IngressTLS {
  std::vector<std::string> hosts;
  std::string secretName;
};
KUBE_TYPE(IngressTLS)

// A host and its paths.
struct IngressRule {
  std::string host;
  Box<HTTPIngressRuleValue> http;
};
KUBE_TYPE(IngressRule)

// What is let in, and where to.
struct IngressSpec {
  Box<IngressBackend> defaultBackend;
  std::vector<IngressTLS> tls;
  std::vector<IngressRule> rules;
  std::optional<std::string> ingressClassName;
};
KUBE_TYPE(IngressSpec)

// A port that lets requests in.
struct IngressPortStatus {
  int32_t port = 0;
  std::string protocol;
  std::optional<std::string> error;
};
KUBE_TYPE(IngressPortStatus)

// An address that lets requests in.
struct IngressLoadBalancerIngress {
  std::string ip;
  std::string hostname;
  std::vector<IngressPortStatus> ports;
};
KUBE_TYPE(IngressLoadBalancerIngress)

// Where requests come in.
struct IngressLoadBalancerStatus {
  std::vector<IngressLoadBalancerIngress> ingress;
};
KUBE_TYPE(IngressLoadBalancerStatus)

// What became of it.
struct IngressStatus {
  IngressLoadBalancerStatus loadBalancer;
};
KUBE_TYPE(IngressStatus)

// Lets requests from outside in, by host and path.
struct Ingress {
  ObjectMeta metadata;
  IngressSpec spec;
  IngressStatus status;
};
KUBE_TYPE(Ingress)

// An object with settings of the controller.
struct IngressClassParametersReference {
  std::optional<std::string> apiGroup;
  std::string kind;
  std::string name;
  std::optional<std::string> scope;
  std::optional<std::string> namespace_;
};
KUBE_TYPE(IngressClassParametersReference)

// Who serves the ingresses of a class.
struct IngressClassSpec {
  std::string controller;
  Box<IngressClassParametersReference> parameters;
};
KUBE_TYPE(IngressClassSpec)

// A kind of ingress controller.
struct IngressClass {
  ObjectMeta metadata;
  IngressClassSpec spec;
};
KUBE_TYPE(IngressClass)

}  // namespace skiff::api
