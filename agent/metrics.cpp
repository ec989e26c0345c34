// SPDX-License-Identifier: Apache-2.0
// What /metrics shows beyond what features count in the registry themselves: figures that are asked
// for when somebody looks.
#include "base/metrics.h"

#include "agent/daemon.h"
#include "base/process_metrics.h"

namespace skiff::agent {

std::string Daemon::metrics_text() {
  const auto show = [this](const char* name, const char* help, double value) {
    metrics::gauge(registry_, name, help).Set(value);
  };
  if (kubelet_) kubelet_->refresh_metrics();
  show("skiff_proxy_services", "Services known.", static_cast<double>(stores_->services.size()));
  show("skiff_node_ready", "1 if no part of the agent holds the node back.",
       not_ready_because().empty() ? 1 : 0);
  if (events_)
    metrics::follow(metrics::counter(registry_, "skiff_events_dropped_total",
                                     "Events the API server did not take."),
                    static_cast<double>(events_->dropped()));
  if (datapath_) {
    show("skiff_datapath_flows", "Established flows at the last sweep.",
         static_cast<double>(last_sweep_.alive));
    if (const auto reasons = datapath_->reasons(); reasons.ok())
      for (const datapath::ReasonCount& reason : *reasons)
        metrics::follow(metrics::counter(registry_, "skiff_datapath_packets_total",
                                         "Packets dropped or refused, by reason.",
                                         {{"reason", std::string(reason.label)}}),
                        static_cast<double>(reason.packets));
  }
  if (trace_) trace_->metrics().refresh();
  metrics::refresh_process(registry_);
  return metrics::text(
      registry_, proxy_ ? proxy_->service_metrics() : std::vector<prometheus::MetricFamily>());
}

}  // namespace skiff::agent
