// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/service_use.h"

#include <optional>

namespace skiff::proxy {
namespace {

std::optional<ServiceUse> name_of(const std::string& text) {
  const size_t slash = text.find('/');
  const size_t colon = text.rfind(':');
  if (slash == std::string::npos || colon == std::string::npos || colon < slash ||
      text.find(' ') != std::string::npos)
    return std::nullopt;
  return ServiceUse{.namespace_ = text.substr(0, slash),
                    .name = text.substr(slash + 1, colon - slash - 1),
                    .port = text.substr(colon + 1)};
}

class Family {
 public:
  Family(const char* name, const char* help, prometheus::MetricType type) {
    family_.name = name;
    family_.help = help;
    family_.type = type;
  }
  void add(const ServiceUse& use, double value, const char* direction = nullptr) {
    prometheus::ClientMetric metric;
    metric.label = {{"namespace", use.namespace_}, {"service", use.name}, {"port", use.port}};
    if (direction != nullptr) metric.label.push_back({"direction", direction});
    set(metric, value);
    family_.metric.push_back(std::move(metric));
  }
  void add(double value) {
    prometheus::ClientMetric metric;
    set(metric, value);
    family_.metric.push_back(std::move(metric));
  }
  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  void set(prometheus::ClientMetric& metric, double value) const {
    (family_.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
        value;
  }

  prometheus::MetricFamily family_;
};

}  // namespace

Result<std::vector<ServiceUse>> read_service_use(const datapath::Maps& maps,
                                                 const ServicePorts& ports) {
  std::map<uint32_t, datapath::ServiceCounter> counters;
  RETURN_IF_ERROR(
      maps.service_counters->for_each(
          [&](uint32_t id, const datapath::ServiceCounter& counter) { counters[id] = counter; }),
      "read service counters");
  std::vector<ServiceUse> uses;
  for (const auto& [id, counter] : counters) {
    const auto port = ports.find(id);
    auto use = port == ports.end() ? std::nullopt : name_of(*port->second);
    if (!use) continue;
    use->counter = counter;
    uses.push_back(std::move(*use));
  }
  return uses;
}

std::vector<prometheus::MetricFamily> service_metrics(const std::vector<ServiceUse>& uses,
                                                      size_t most,
                                                      std::chrono::nanoseconds monotonic,
                                                      TimePoint wall) {
  using enum prometheus::MetricType;
  Family connections("skiff_service_connections_total",
                     "Connections and flows of datagrams that got a backend, on this node.",
                     Counter);
  Family refused("skiff_service_refused_total", "Those that got none, because nobody was there.",
                 Counter);
  Family bytes("skiff_service_bytes_total", "Bytes to and from backends.", Counter);
  Family last("skiff_service_last_used_timestamp_seconds", "When the Service was last used.",
              Gauge);
  Family left_out("skiff_service_metrics_left_out",
                  "Services that were used and are not shown, because there are too many.", Gauge);
  const double now = std::chrono::duration<double>(wall.time_since_epoch()).count();
  for (size_t i = 0; i < std::min(uses.size(), most); ++i) {
    const datapath::ServiceCounter& counter = uses[i].counter;
    connections.add(uses[i], static_cast<double>(counter.connections));
    refused.add(uses[i], static_cast<double>(counter.refused));
    bytes.add(uses[i], static_cast<double>(counter.bytes[0]), "to_backends");
    bytes.add(uses[i], static_cast<double>(counter.bytes[1]), "from_backends");
    const std::chrono::nanoseconds silence =
        monotonic - std::chrono::nanoseconds{counter.last_used_ns};
    last.add(uses[i], now - std::chrono::duration<double>(silence).count());
  }
  left_out.add(static_cast<double>(uses.size() - std::min(uses.size(), most)));
  return {connections.take(), refused.take(), bytes.take(), last.take(), left_out.take()};
}

}  // namespace skiff::proxy
