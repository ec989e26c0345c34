// SPDX-License-Identifier: Apache-2.0
// Counters of one name, in number bounded and forgotten when nobody adds to them: labels that
// follow pods and workloads come and go with them.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"

namespace skiff::trace {

// Belongs to the loop; the registry outlives it.
class MetricSeries {
 public:
  struct Options {
    std::string name;
    std::string help;
    std::vector<std::string> labels;
    size_t most = 2000;  // series; what is over counts in one whose labels all are "overflow"
  };
  MetricSeries(metrics::Registry& registry, Options options);

  // One value a label, in their order.
  void add(const std::vector<std::string>& values, double count, TimePoint now);
  // Forgets the series that nobody has added to since `before`, if they have `value` as label
  // `label`; an empty label means all. A forgotten series begins at zero again.
  void expire(TimePoint before, const std::string& label = "", const std::string& value = "");
  size_t size() const { return series_.size(); }

 private:
  struct One {
    metrics::Counter* counter = nullptr;
    std::vector<std::string> values;
    TimePoint last;
  };
  One& find(const std::vector<std::string>& values);

  Options options_;
  prometheus::Family<prometheus::Counter>& family_;
  std::unordered_map<std::string, One> series_;  // by the values, joined
};

}  // namespace skiff::trace
