// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/bootstrap.h"

#include "api/core/endpoints.h"
#include "api/core/namespace.h"
#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"
#include "api/scheduling/types.h"

namespace skiff::apiserver {
namespace {

constexpr int32_t kHttpsPort = 443;
constexpr int32_t kDnsPort = 53;

// Asks first: a Service that exists would be refused for the address it already holds.
template <class T>
awaitable<Status> ensure(kube::Client& client, T object) {
  if ((co_await client.get<T>(kube::key_of(object))).ok()) co_return absl::OkStatus();
  const auto created = co_await client.create(std::move(object));
  co_return created.status();
}

// Creates or overwrites: what the server alone knows.
template <class T>
awaitable<Status> put(kube::Client& client, T object) {
  const auto current = co_await client.get<T>(kube::key_of(object));
  if (!current.ok()) co_return co_await ensure(client, std::move(object));
  object.metadata.resourceVersion = current->metadata.resourceVersion;
  const auto updated = co_await client.update(std::move(object));
  co_return updated.status();
}

api::ServicePort port(std::string name, std::string protocol, int32_t number, int32_t target) {
  return {.name = std::move(name),
          .protocol = std::move(protocol),
          .port = number,
          .targetPort = target};
}

api::Service api_service(const BootstrapOptions& options) {
  api::Service service;
  service.metadata.name = "kubernetes";
  service.metadata.namespace_ = "default";
  service.metadata.labels = {{"component", "apiserver"}, {"provider", "kubernetes"}};
  service.spec.clusterIP = options.api_service.to_string();
  service.spec.ports = {port("https", "TCP", kHttpsPort, options.port)};
  return service;
}

api::Service dns_service(const BootstrapOptions& options) {
  api::Service service;
  service.metadata.name = "kube-dns";
  service.metadata.namespace_ = "kube-system";
  service.metadata.labels = {{"k8s-app", "kube-dns"},
                             {"kubernetes.io/cluster-service", "true"},
                             {"kubernetes.io/name", "CoreDNS"}};
  for (const IpAddress& address : options.dns_service)
    service.spec.clusterIPs.push_back(address.to_string());
  service.spec.clusterIP = service.spec.clusterIPs.front();
  service.spec.ipFamilyPolicy =
      service.spec.clusterIPs.size() > 1 ? "RequireDualStack" : "SingleStack";
  service.spec.ports = {port("dns", "UDP", kDnsPort, kDnsPort),
                        port("dns-tcp", "TCP", kDnsPort, kDnsPort)};
  return service;
}

api::EndpointSlice api_slice(const BootstrapOptions& options) {
  api::EndpointSlice slice;
  slice.metadata.name = "kubernetes";
  slice.metadata.namespace_ = "default";
  slice.metadata.labels = {{api::kServiceNameLabel, "kubernetes"}};
  slice.addressType = options.advertise.front().is_v4() ? "IPv4" : "IPv6";
  for (const IpAddress& address : options.advertise) {
    if (address.is_v4() != options.advertise.front().is_v4()) continue;
    api::Endpoint endpoint;
    endpoint.addresses = {address.to_string()};
    endpoint.conditions.ready = true;
    slice.endpoints.push_back(std::move(endpoint));
  }
  slice.ports = {{.name = "https", .protocol = "TCP", .port = options.port}};
  return slice;
}

api::Endpoints api_endpoints(const BootstrapOptions& options) {
  api::Endpoints endpoints;
  endpoints.metadata.name = "kubernetes";
  endpoints.metadata.namespace_ = "default";
  endpoints.metadata.labels = {{"endpointslice.kubernetes.io/skip-mirror", "true"}};
  api::EndpointSubset subset;
  for (const IpAddress& address : options.advertise)
    subset.addresses.push_back({.ip = address.to_string()});
  subset.ports = {{.name = "https", .port = options.port, .protocol = "TCP"}};
  endpoints.subsets = {std::move(subset)};
  return endpoints;
}

api::PriorityClass priority_class(std::string name, int32_t value, std::string description) {
  api::PriorityClass one;
  one.metadata.name = std::move(name);
  one.value = value;
  one.description = std::move(description);
  return one;
}

// The two that validation reserves for the system.
awaitable<Status> ensure_priority_classes(kube::Client& client) {
  CO_RETURN_IF_ERROR(
      co_await ensure(client, priority_class("system-cluster-critical", 2'000'000'000,
                                             "for pods without which the cluster does not work, on "
                                             "whatever node")),
      "priorityclass system-cluster-critical");
  CO_RETURN_IF_ERROR(
      co_await ensure(client, priority_class("system-node-critical", 2'000'001'000,
                                             "for pods without which their node does not work")),
      "priorityclass system-node-critical");
  co_return absl::OkStatus();
}

}  // namespace

bool is_bootstrapped(const kube::ObjectKey& key) {
  return (key.namespace_ == "default" && key.name == "kubernetes") ||
         (key.namespace_ == "kube-system" && key.name == "kube-dns");
}

awaitable<Status> bootstrap(kube::Client client, BootstrapOptions options) {
  // Nobody but this machine could use them, and endpoints may not hold them.
  std::erase_if(options.advertise, [](const IpAddress& address) { return address.is_loopback(); });
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    api::Namespace namespace_;
    namespace_.metadata.name = name;
    CO_RETURN_IF_ERROR(co_await ensure(client, std::move(namespace_)), "namespace {}", name);
  }
  CO_RETURN_IF_ERROR(co_await ensure_priority_classes(client));
  CO_RETURN_IF_ERROR(co_await ensure(client, api_service(options)), "service default/kubernetes");
  CO_RETURN_IF_ERROR(co_await ensure(client, dns_service(options)), "service kube-system/kube-dns");
  if (options.advertise.empty()) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(co_await put(client, api_slice(options)), "endpointslice default/kubernetes");
  CO_RETURN_IF_ERROR(co_await put(client, api_endpoints(options)), "endpoints default/kubernetes");
  co_return absl::OkStatus();
}

}  // namespace skiff::apiserver
