// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/trace.h"

#include <spdlog/spdlog.h>

namespace skiff::trace {

Result<std::unique_ptr<Trace>> Trace::open(const Executor& executor, Options options,
                                           KubeNames::Stores stores, metrics::Registry& registry,
                                           const Clock& clock) {
  const std::string& pins = options.datapath.pin_dir;
  ASSIGN_OR_RETURN(const uint64_t cookie, datapath::netns_cookie());
  std::unique_ptr<Trace> trace(new Trace());
  auto probe = datapath::KernelDropProbe::attach(options.datapath);
  if (probe.ok())
    trace->probe_ = std::move(*probe);
  else
    spdlog::warn("trace: drops of the kernel stay unseen: {}", message(probe.status()));
  ASSIGN_OR_RETURN(trace->maps_, datapath::open_trace_maps(pins));
  trace->names_ = std::make_unique<KubeNames>(options.node_name, cookie, stores, clock);
  trace->hub_ = std::make_unique<Hub>(
      executor, Hub::Options{.node = options.node_name, .history = options.history}, *trace->names_,
      clock);
  trace->taps_ = std::make_unique<Taps>(executor, trace->maps_, clock);
  ASSIGN_OR_RETURN(trace->reader_, Reader::open(executor, pins, *trace->hub_, *trace->taps_));
  trace->api_ = std::make_unique<Api>(*trace->hub_, *trace->names_, trace->maps_, pins);
  trace->metrics_ = std::make_unique<Metrics>(registry, *trace->hub_, *trace->names_, clock,
                                              std::move(options.metric_labels));
  Metrics* metrics = trace->metrics_.get();
  trace->names_->set_on_gone(
      [metrics](const std::string&, const std::string& name) { metrics->pod_gone(name); });
  // Taps of an agent that died end by themselves; their slots are free at once.
  for (uint32_t slot = 0; slot < SKIFF_TAPS; ++slot)
    RETURN_IF_ERROR(trace->maps_.taps->put(slot, skiff_tap{}));
  RETURN_IF_ERROR(trace->maps_.control->put(0, {}));
  return trace;
}

void Trace::add_pod(LocalPod pod) {
  const skiff_pod_namespace entry{.ifindex = pod.host_ifindex, .pad = 0};
  if (const Status put = maps_.pod_namespaces->put(pod.netns_cookie, entry); !put.ok())
    spdlog::warn("trace: namespace of pod {}/{}: {}, ignoring", pod.namespace_, pod.name,
                 message(put));
  names_->add_local(std::move(pod));
}

void Trace::remove_pod(uint64_t netns_cookie) {
  (void)maps_.pod_namespaces->erase(netns_cookie);
  names_->remove_local(netns_cookie);
}

}  // namespace skiff::trace
