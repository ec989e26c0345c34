// SPDX-License-Identifier: Apache-2.0
// What is seen, under the names that dashboards for Hubble expect, and what is lost.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "agent/trace/event.h"
#include "agent/trace/hub.h"
#include "agent/trace/names.h"
#include "base/metrics.h"

namespace skiff::trace {

// Belongs to the loop; hub, names and registry outlive it.
class Metrics {
 public:
  Metrics(metrics::Registry& registry, Hub& hub, Names& names);
  // Losses, when somebody looks.
  void refresh();

 private:
  void count(const RawEvent& event);
  void count_flow(const FlowEvent& event);
  void count_drop(const std::string& reason, uint8_t protocol, uint64_t packets);
  void count_tcp_flags(uint8_t flags, bool v4);
  void count_port(uint8_t protocol, uint16_t port);

  metrics::Registry& registry_;
  Hub& hub_;
  Names& names_;
  // Looking a counter up by its labels costs more than the rest: by number first.
  std::map<std::tuple<uint8_t, uint8_t>, metrics::Counter*> flows_;
  std::map<std::tuple<uint8_t, uint16_t>, metrics::Counter*> ports_;
  std::map<std::tuple<uint8_t, bool>, metrics::Counter*> flags_;
};

}  // namespace skiff::trace
