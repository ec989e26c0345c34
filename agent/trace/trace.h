// SPDX-License-Identifier: Apache-2.0
// Tracing of one node, put together: reader, hub, taps, names, API, metrics.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/datapath/trace.h"
#include "agent/trace/api.h"
#include "agent/trace/hub.h"
#include "agent/trace/kube_names.h"
#include "agent/trace/metrics.h"
#include "agent/trace/reader.h"
#include "agent/trace/taps.h"
#include "base/async.h"
#include "base/clock.h"

namespace skiff::trace {

struct Options {
  std::string node_name;
  datapath::DatapathOptions datapath;  // as the datapath was opened
  size_t history = 8192;
  std::vector<MetricLabel> metric_labels;  // whose flows metrics count
};

// Belongs to the loop. What is passed to open() outlives it.
class Trace {
 public:
  // After the datapath was opened, in the node's network namespace. Kernel drops are left out, with
  // a warning, where the kernel refuses the program.
  static Result<std::unique_ptr<Trace>> open(const Executor& executor, Options options,
                                             KubeNames::Stores stores, metrics::Registry& registry,
                                             const Clock& clock);
  void start() { reader_->start(); }

  // Tells of a pod of this node, before its first packet if possible, and that it has gone.
  void add_pod(LocalPod pod);
  void remove_pod(uint64_t netns_cookie);

  Hub& hub() { return *hub_; }
  Taps& taps() { return *taps_; }
  KubeNames& names() { return *names_; }
  Api& api() { return *api_; }
  Metrics& metrics() { return *metrics_; }
  datapath::TraceMaps& maps() { return maps_; }

 private:
  Trace() = default;

  datapath::TraceMaps maps_;
  std::unique_ptr<KubeNames> names_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<Taps> taps_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<datapath::KernelDropProbe> probe_;
};

}  // namespace skiff::trace
