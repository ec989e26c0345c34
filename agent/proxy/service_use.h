// SPDX-License-Identifier: Apache-2.0
// What the Services of the cluster are used for on this node, as the programs count it.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "agent/proxy/frontend_writer.h"
#include "base/clock.h"
#include "base/metrics.h"

namespace skiff::proxy {

struct ServiceUse {
  std::string namespace_;
  std::string name;
  std::string port;  // its name; its number where it has none
  datapath::ServiceCounter counter{};
};

// Of those that were used, by service id: who was there first comes first. HostPorts among `ports`
// are left out.
Result<std::vector<ServiceUse>> read_service_use(const datapath::Maps& maps,
                                                 const ServicePorts& ports);

// As metrics: of the first `most`, so that a cluster of many Services does not swamp whoever
// scrapes; skiff_service_metrics_left_out says how many are missing. `monotonic` and `wall` are the
// same moment.
std::vector<prometheus::MetricFamily> service_metrics(const std::vector<ServiceUse>& uses,
                                                      size_t most,
                                                      std::chrono::nanoseconds monotonic,
                                                      TimePoint wall);

}  // namespace skiff::proxy
