// SPDX-License-Identifier: Apache-2.0
// Health-check node ports: one small HTTP server a Service, which tells an external load balancer
// whether this node has ready endpoints of it. Answers as kube-proxy words them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/http/server.h"
#include "kube/object_key.h"

namespace skiff::proxy {

// What a load balancer is told: 200 while there are endpoints and the proxy is healthy, else 503.
http::Response health_answer(const kube::ObjectKey& service, int local_endpoints,
                             bool proxy_healthy);

class HealthChecks {
 public:
  // `address`: where the servers listen; "::" is everywhere, in both families.
  HealthChecks(const Executor& executor, std::string address, std::function<bool()> proxy_healthy);
  ~HealthChecks();

  // Serves `local_endpoints` on `port`; 0 stops. The same port keeps its server.
  Status set(const kube::ObjectKey& service, uint16_t port, int local_endpoints);

 private:
  struct Check;

  Executor executor_;
  std::string address_;
  std::function<bool()> proxy_healthy_;
  std::map<kube::ObjectKey, std::shared_ptr<Check>> checks_;
};

}  // namespace skiff::proxy
