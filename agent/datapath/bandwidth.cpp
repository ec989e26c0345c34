// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/bandwidth.h"

#include <algorithm>

namespace skiff::datapath {

namespace {

// How far a clock may be ahead before packets are dropped. TCP that is dropped at a bucket which
// holds less than its shortest time-out (200 ms) stands still for most of the time: it reached half
// of the rate with 100 ms, 95 % with this (ADR 0040).
constexpr std::chrono::nanoseconds kShortestBurst = std::chrono::milliseconds(250);

uint64_t burst_ns(uint64_t rate, uint64_t burst) {
  if (rate == 0) return 0;
  const double seconds = static_cast<double>(burst) / static_cast<double>(rate);
  const double nanoseconds = std::min(seconds, 60.0) * 1e9;
  return std::max(static_cast<uint64_t>(nanoseconds),
                  static_cast<uint64_t>(kShortestBurst.count()));
}

skiff_rate rate_of(uint64_t rate, uint64_t burst, const skiff_rate& known) {
  return {.bytes_per_second = rate == 0 ? 0 : std::max<uint64_t>(rate / 8, 1),
          .burst_ns = burst_ns(rate, burst),
          .next_ns = known.next_ns};
}

}  // namespace

uint32_t pod_flags(const PodLimits& limits) {
  uint32_t flags = 0;
  if (limits.egress_rate != 0) flags |= SKIFF_POD_EGRESS_LIMITED;
  if (limits.ingress_rate != 0)
    flags |= limits.ingress_queued ? SKIFF_POD_INGRESS_QUEUED : SKIFF_POD_INGRESS_LIMITED;
  return flags;
}

Bandwidth bandwidth_of(const PodLimits& limits, const Bandwidth& known) {
  return {.egress = rate_of(limits.egress_rate, limits.egress_burst, known.egress),
          .ingress = rate_of(limits.ingress_rate, limits.ingress_burst, known.ingress),
          .paced_ifindex = static_cast<uint32_t>(limits.paced_uplink),
          .pad = 0};
}

Status Datapath::limit_pod(int ifindex, const PodLimits& limits) {
  const auto key = static_cast<uint32_t>(ifindex);
  if (pod_flags(limits) == 0) return maps_.bandwidth->erase(key);
  ASSIGN_OR_RETURN(const std::optional<Bandwidth> known, maps_.bandwidth->get(key));
  return maps_.bandwidth->put(key, bandwidth_of(limits, known.value_or(Bandwidth{})));
}

}  // namespace skiff::datapath
