// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/metric_series.h"

#include <algorithm>

namespace skiff::trace {
namespace {

constexpr const char* kOverflow = "overflow";

std::string joined(const std::vector<std::string>& values) {
  std::string key;
  for (const std::string& value : values) {
    key += value;
    key += '\0';
  }
  return key;
}

}  // namespace

MetricSeries::MetricSeries(metrics::Registry& registry, Options options)
    : options_(std::move(options)),
      family_(
          prometheus::BuildCounter().Name(options_.name).Help(options_.help).Register(registry)) {}

MetricSeries::One& MetricSeries::find(const std::vector<std::string>& values) {
  std::string key = joined(values);
  if (const auto known = series_.find(key); known != series_.end()) return known->second;
  std::vector<std::string> kept = values;
  if (series_.size() >= options_.most) {
    kept.assign(values.size(), kOverflow);
    key = joined(kept);
    if (const auto known = series_.find(key); known != series_.end()) return known->second;
  }
  metrics::Labels labels;
  for (size_t i = 0; i < kept.size(); ++i) labels[options_.labels[i]] = kept[i];
  return series_[std::move(key)] = {
             .counter = &family_.Add(labels), .values = std::move(kept), .last = {}};
}

void MetricSeries::add(const std::vector<std::string>& values, double count, TimePoint now) {
  One& one = find(values);
  one.counter->Increment(count);
  one.last = now;
}

void MetricSeries::expire(TimePoint before, const std::string& label, const std::string& value) {
  const auto at = std::ranges::find(options_.labels, label) - options_.labels.begin();
  if (!label.empty() && at == static_cast<long>(options_.labels.size())) return;
  std::erase_if(series_, [&](const auto& entry) {
    const One& one = entry.second;
    const bool meant = label.empty() || one.values[static_cast<size_t>(at)] == value;
    if (!meant || one.last > before) return false;
    family_.Remove(one.counter);
    return true;
  });
}

}  // namespace skiff::trace
