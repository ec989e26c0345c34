// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/flow_gc.h"

#include <bpf/bpf.h>
#include <time.h>

#include <cerrno>

#include "bpf/abi/sweep.h"

namespace skiff::datapath {
namespace {

uint64_t ns(std::chrono::nanoseconds duration) {
  return static_cast<uint64_t>(duration.count());
}

}  // namespace

Result<FlowSweep> FlowSweeper::run(std::chrono::nanoseconds now,
                                   const FlowTimeouts& timeouts) const {
  skiff_sweep sweep = {.now_ns = ns(now),
                       .tcp_ns = ns(timeouts.tcp),
                       .tcp_half_closed_ns = ns(timeouts.tcp_half_closed),
                       .tcp_closed_ns = ns(timeouts.tcp_closed),
                       .udp_ns = ns(timeouts.udp),
                       .sctp_ns = ns(timeouts.sctp),
                       .other_ns = ns(timeouts.other)};
  bpf_test_run_opts options = {.sz = sizeof(options)};
  options.ctx_in = &sweep;  // the kernel writes it back
  options.ctx_size_in = sizeof(sweep);
  if (::bpf_prog_test_run_opts(program_.get(), &options) < 0)
    return errno_status(errno, "sweep flows");
  return FlowSweep{.alive = sweep.alive,
                   .removed = sweep.removed,
                   .policy_alive = sweep.policy_alive,
                   .policy_removed = sweep.policy_removed};
}

std::chrono::nanoseconds monotonic_now() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace skiff::datapath
