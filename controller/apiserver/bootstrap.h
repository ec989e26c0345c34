// SPDX-License-Identifier: Apache-2.0
// Objects that exist in every cluster from its first moment: system namespaces, the Service
// `kubernetes` with the server's own addresses behind it, the Service of the cluster DNS.
#pragma once

#include <string>
#include <vector>

#include "base/async.h"
#include "base/ip.h"
#include "kube/client.h"

namespace skiff::apiserver {

struct BootstrapOptions {
  std::vector<IpAddress> advertise;  // where nodes and pods reach the API server
  uint16_t port = 6443;
  IpAddress api_service;               // 10.96.0.1
  std::vector<IpAddress> dns_service;  // 10.96.0.10, and fd00:10:96::a on dual stack
};

// Creates what is missing and brings the server's own endpoints up to date. Idempotent.
awaitable<Status> bootstrap(kube::Client client, BootstrapOptions options);

// Whether a Service, EndpointSlice or Endpoints of this name is one of them.
bool is_bootstrapped(const kube::ObjectKey& key);

}  // namespace skiff::apiserver
