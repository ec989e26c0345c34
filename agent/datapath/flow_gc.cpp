// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/flow_gc.h"

#include <netinet/in.h>
#include <time.h>

#include <vector>

namespace skiff::datapath {

namespace {

std::chrono::seconds allowed_silence(const Flow& flow, const FlowTimeouts& timeouts) {
  constexpr uint32_t kBothFins = SKIFF_FLOW_FIN_FORWARD | SKIFF_FLOW_FIN_REPLY;
  switch (flow.original.protocol) {
    case IPPROTO_TCP:
      if ((flow.flags & SKIFF_FLOW_RESET) != 0 || (flow.flags & kBothFins) == kBothFins) {
        return timeouts.tcp_closed;
      }
      return (flow.flags & kBothFins) != 0 ? timeouts.tcp_half_closed : timeouts.tcp;
    case IPPROTO_UDP:
      return timeouts.udp;
    case IPPROTO_SCTP:
      return timeouts.sctp;
    default:
      return timeouts.other;
  }
}

// A flow that is denied now is kept only for answers that are still on their way.
std::chrono::seconds allowed_silence(const Tuple& key, const PolicyFlow& flow,
                                     const FlowTimeouts& timeouts) {
  constexpr uint32_t kBothFins = SKIFF_POLICY_FLOW_FIN_FORWARD | SKIFF_POLICY_FLOW_FIN_REPLY;
  if (key.protocol != IPPROTO_TCP || (flow.flags & SKIFF_POLICY_FLOW_DENIED) != 0)
    return key.protocol == IPPROTO_ICMP || key.protocol == IPPROTO_ICMPV6 ? timeouts.other
                                                                          : timeouts.udp;
  if ((flow.flags & SKIFF_POLICY_FLOW_RESET) != 0 || (flow.flags & kBothFins) == kBothFins)
    return timeouts.tcp_closed;
  return (flow.flags & kBothFins) != 0 ? timeouts.tcp_half_closed : timeouts.tcp;
}

// What comes late is judged by the rules, so nothing is read again before it goes.
Status sweep_policy_flows(Maps& maps, std::chrono::nanoseconds now, const FlowTimeouts& timeouts) {
  std::vector<Tuple> silent;
  RETURN_IF_ERROR(maps.policy_flows->for_each([&](const Tuple& key, const PolicyFlow& flow) {
    if (now - std::chrono::nanoseconds{flow.last_seen_ns} > allowed_silence(key, flow, timeouts))
      silent.push_back(key);
  }));
  return maps.policy_flows->erase_batch(silent);
}

}  // namespace

bool expired(const Flow& flow, std::chrono::nanoseconds now, const FlowTimeouts& timeouts) {
  const std::chrono::nanoseconds last_seen{flow.last_seen_ns};
  return now - last_seen > allowed_silence(flow, timeouts);
}

Result<FlowSweep> sweep_flows(Maps& maps, std::chrono::nanoseconds now,
                              const FlowTimeouts& timeouts) {
  FlowSweep sweep;
  std::vector<Tuple> candidates;
  RETURN_IF_ERROR(maps.flows->for_each([&](const Tuple& key, const Flow& flow) {
    if (expired(flow, now, timeouts)) {
      candidates.push_back(key);
    } else {
      ++sweep.alive;
    }
  }),
                  "sweep flows");
  for (const Tuple& key : candidates) {
    ASSIGN_OR_RETURN(const auto flow, maps.flows->get(key), "sweep flows");
    if (!flow) continue;
    if (!expired(*flow, now, timeouts)) {
      ++sweep.alive;
      continue;
    }
    // The alias first: without it a late packet makes a new flow, with it one that is half there.
    RETURN_IF_ERROR(maps.aliases->erase(flow->original), "sweep flows");
    RETURN_IF_ERROR(maps.flows->erase(key), "sweep flows");
    ++sweep.removed;
  }
  RETURN_IF_ERROR(sweep_policy_flows(maps, now, timeouts), "sweep policy flows");
  return sweep;
}

std::chrono::nanoseconds monotonic_now() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace skiff::datapath
