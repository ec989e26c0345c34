// SPDX-License-Identifier: Apache-2.0
// The kernel's side of tracing: maps, rings, the program at kfree_skb, names of drop reasons.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "agent/datapath/maps.h"
#include "agent/datapath/options.h"
#include "bpf/abi/trace.h"

namespace skiff::datapath {

// Tables of tracing, typed; bpf/maps.h says who writes which.
struct TraceMaps {
  Maps::Table<uint32_t, skiff_tap> taps;
  Maps::Table<uint32_t, skiff_tap_filter> tap_filters;
  Maps::Table<uint32_t, skiff_trace_control> control;
  Maps::Table<Tuple, skiff_seen_flow> seen_flows;
  Maps::Table<skiff_drop_key, skiff_drop_count> kernel_drops;
  Maps::Table<uint64_t, skiff_pod_namespace> pod_namespaces;
};
Result<TraceMaps> open_trace_maps(const std::string& pin_dir);
TraceMaps memory_trace_maps();

// Events nobody will see, over all CPUs.
struct TraceLosses {
  struct Class {
    uint64_t ring_full = 0;
    uint64_t limited = 0;
  };
  Class flow, drop, kernel, tap;
};
Result<TraceLosses> read_trace_losses(const std::string& pin_dir);

// A ring between the programs and this process. One reader a ring; what was not read when the last
// one died is still there.
class Ring {
 public:
  using Callback = std::function<void(std::string_view bytes)>;
  // "trace_events" or "tap_events".
  static Result<std::unique_ptr<Ring>> open(const std::string& pin_dir, const std::string& name,
                                            Callback callback);
  ~Ring();
  // Readable when the ring is a quarter full: otherwise whoever reads comes by from time to time,
  // because waking a process costs more than everything else about an event.
  int fd() const;
  // Calls back for all that is there; how many there were.
  Result<int> consume();

 private:
  struct State;
  explicit Ring(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The program that sees what the kernel gives up. Detached when this object or the process goes.
// An error where the kernel refuses: tracing then lacks kernel drops, nothing else.
class KernelDropProbe {
 public:
  static Result<std::unique_ptr<KernelDropProbe>> attach(const DatapathOptions& options);
  ~KernelDropProbe();

 private:
  struct State;
  explicit KernelDropProbe(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "NETFILTER_DROP" and the like by number, as the running kernel numbers them (BTF).
std::map<uint32_t, std::string> kernel_drop_reasons();

// The cookie of the network namespace of the calling thread.
Result<uint64_t> netns_cookie();

}  // namespace skiff::datapath
