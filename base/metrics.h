// SPDX-License-Identifier: Apache-2.0
// Prometheus metrics: one registry a daemon, handed to the features that count. The registry owns
// every metric; asking again for the same name and labels gives the same one. Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string>
#include <vector>

namespace skiff::metrics {

using Registry = prometheus::Registry;
using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = prometheus::Labels;
using Buckets = prometheus::Histogram::BucketBoundaries;

Counter& counter(Registry& registry, const std::string& name, const std::string& help,
                 const Labels& labels = {});
Gauge& gauge(Registry& registry, const std::string& name, const std::string& help,
             const Labels& labels = {});
// `buckets`: upper bounds, ascending.
Histogram& histogram(Registry& registry, const std::string& name, const std::string& help,
                     const Buckets& buckets, const Labels& labels = {});

// `count` bounds from `first`, each `factor` times the one before.
Buckets exponential_buckets(double first, double factor, int count);

// As Prometheus wants durations.
inline double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// Sets a counter to what is counted elsewhere (in the kernel); it never falls.
void follow(Counter& counter, double value);

// All of it, and `more`, in Prometheus' text format.
std::string text(const Registry& registry, std::vector<prometheus::MetricFamily> more = {});

}  // namespace skiff::metrics
