// SPDX-License-Identifier: Apache-2.0
// The programs at points of the kernel's own packet path (bpf/path.bpf.c). They tell of packets
// that open taps want; attach them only while somebody follows packets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::datapath {

// What this kernel lets us see.
struct PathCoverage {
  size_t tracepoints = 0;
  std::vector<std::string> missing;  // tracepoints that it has not
  size_t netfilter_namespaces = 0;   // where both ends of netfilter's hooks are watched
  std::string netfilter_problem;     // why not everywhere; empty: everywhere
};

// Detached when this object, or the process, goes. All calls block: tens of milliseconds.
class PathPoints {
 public:
  // Runs a function in a network namespace of a pod.
  using Enter = std::function<Status(const std::function<Status()>& work)>;
  // After Datapath::open and KernelDropProbe::attach, whose maps it shares; on a thread of the
  // node's network namespace.
  static Result<std::unique_ptr<PathPoints>> attach(const std::string& pin_dir,
                                                    std::span<const Enter> pods);
  ~PathPoints();
  const PathCoverage& coverage() const;

 private:
  struct State;
  explicit PathPoints(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Numbers of the programs in the kernel whose name begins so: what is attached can be counted.
std::vector<uint32_t> loaded_programs(const std::string& prefix);

}  // namespace skiff::datapath
