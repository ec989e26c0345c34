// SPDX-License-Identifier: Apache-2.0
// What is seen, under the names that dashboards for Hubble expect, and what is lost.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/trace/event.h"
#include "agent/trace/hub.h"
#include "agent/trace/metric_labels.h"
#include "agent/trace/metric_series.h"
#include "agent/trace/names.h"
#include "base/clock.h"
#include "base/metrics.h"

namespace skiff::trace {

// Belongs to the loop; what it is given outlives it.
class Metrics {
 public:
  Metrics(metrics::Registry& registry, Hub& hub, Names& names, const Clock& clock,
          std::vector<MetricLabel> labels = {});
  // When somebody looks: losses, and series nobody adds to go.
  void refresh();
  // A minute from now its own series go.
  void pod_gone(const std::string& name);

 private:
  // One event, with what labels need of it.
  struct Seen;
  void count(const RawEvent& event);
  void count_flow(const FlowEvent& event, const Seen& seen);
  void count_dns(const DnsEvent& event, const Seen& seen);
  void count_drop(const std::string& reason, uint64_t packets, const Seen& seen);
  void count_tcp_flags(uint8_t flags, bool v4, const Seen& seen);
  void count_world(const Seen& seen, const char* verdict);
  void count_service(const FlowEvent& event);
  void add(std::unique_ptr<MetricSeries>& series, std::vector<std::string> values, double count,
           const Seen& seen);
  std::unique_ptr<MetricSeries> series(const char* name, const char* help,
                                       std::vector<std::string> labels, bool with_context = true,
                                       size_t most = 2000);
  Seen look_at(const RawEvent& event);

  metrics::Registry& registry_;
  Hub& hub_;
  Names& names_;
  const Clock& clock_;
  std::vector<MetricLabel> labels_;
  std::unique_ptr<MetricSeries> flows_, drops_, tcp_flags_, ports_, icmp_, world_;
  std::unique_ptr<MetricSeries> dns_queries_, dns_responses_, dns_types_;
  std::unique_ptr<MetricSeries> translations_, refusals_;
  struct Gone {
    TimePoint time;
    std::string name;
  };
  std::vector<Gone> gone_;
};

}  // namespace skiff::trace
