// SPDX-License-Identifier: Apache-2.0
// What tracing costs a packet: the same packet through the same program on nodes that differ in it.
// For the test that holds the budget (trace_cost_test.cpp) and the benchmark
// (bench/trace_bench.cpp).
#pragma once

#include <memory>
#include <string>

#include "agent/datapath/trace.h"
#include "tests/bpf/harness.h"

namespace skiff::testing {

class TraceCost {
 public:
  // A node whose programs trace, or one where all of it is cut out.
  static Result<std::unique_ptr<TraceCost>> create(bool traced);

  // Nanoseconds of a run of from_pod on a TCP packet of a known flow without translation, which
  // goes to another node: the average of some `repeat`.
  Result<uint32_t> untranslated(uint32_t repeat);
  // The same of a packet to a Service, which is run once at a time: of fewer.
  Result<uint32_t> translated(uint32_t repeat);

  // One tap of these packets; a filter of tcpdump's on top if there is one.
  enum class Tap { kNone, kOthers, kThese, kTheseWithBytes, kFilterRefuses, kFilterAccepts };
  Status tap(Tap what);

 private:
  Frame segment(const char* to, uint16_t port, uint8_t flags) const;
  Result<uint32_t> run(const Frame& frame, uint32_t repeat, uint32_t at_once);

  uint8_t number_ = 0;
  std::unique_ptr<Harness> harness_;
  datapath::TraceMaps maps_;
  std::unique_ptr<datapath::Ring> ring_;
};

}  // namespace skiff::testing
