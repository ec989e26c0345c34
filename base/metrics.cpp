// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <prometheus/text_serializer.h>

namespace skiff::metrics {

Counter& counter(Registry& registry, const std::string& name, const std::string& help,
                 const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

Gauge& gauge(Registry& registry, const std::string& name, const std::string& help,
             const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

Histogram& histogram(Registry& registry, const std::string& name, const std::string& help,
                     const Buckets& buckets, const Labels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, buckets);
}

Buckets exponential_buckets(double first, double factor, int count) {
  Buckets buckets;
  for (double bound = first; count-- > 0; bound *= factor) buckets.push_back(bound);
  return buckets;
}

void follow(Counter& counter, double value) {
  if (value > counter.Value()) counter.Increment(value - counter.Value());
}

std::string text(const Registry& registry, std::vector<prometheus::MetricFamily> more) {
  std::vector<prometheus::MetricFamily> all = registry.Collect();
  std::move(more.begin(), more.end(), std::back_inserter(all));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace skiff::metrics
