// SPDX-License-Identifier: Apache-2.0
// The Services of a node as its maps have them, in words. Pure: maps and names in, lines out.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "agent/datapath/maps.h"
#include "api/core/pod.h"
#include "api/core/service.h"

namespace skiff::cli {

// What the API calls the addresses of the maps.
struct ServiceNames {
  std::map<std::string, std::string>
      frontends;                                // "TCP 10.96.0.1:443" -> "default/kubernetes:https"
  std::map<std::string, std::string> backends;  // "10.244.0.4" -> "default/web-1 on node-1"
};

ServiceNames service_names(const std::vector<api::Service>& services,
                           const std::vector<api::Pod>& pods);

// A line per frontend, and below it a line per backend; sorted by name. What the API does not know
// is called "unknown".
Result<std::vector<std::string>> describe_services(const datapath::Maps& maps,
                                                   const ServiceNames& names);

// The same as a table: before each frontend how often its Service port was used on this node (at
// all its addresses together), how often nobody was there, and how long ago it last was. `now`:
// CLOCK_MONOTONIC.
Result<std::vector<std::string>> services_table(const datapath::Maps& maps,
                                                const ServiceNames& names,
                                                std::chrono::nanoseconds now);

}  // namespace skiff::cli
