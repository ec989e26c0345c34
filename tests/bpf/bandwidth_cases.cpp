// SPDX-License-Identifier: Apache-2.0
// Pods with limits. At these rates one packet takes seconds: the next that comes has no room,
// however slow the machine is.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

constexpr uint64_t kSlow = 80;  // bits a second

std::function<Status(Harness&)> limit(datapath::PodLimits limits) {
  return [limits](Harness& node) { return node.limit_pod(limits); };
}

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport) {
  return Builder(from, sport, to, dport).tcp(kSyn);
}

void add_egress_cases(std::vector<Case>& cases, const World& w) {
  const auto sends = [&](const char* to) { return tcp(w.pod, 1, to, 2); };
  const std::tuple<const char*, Verdict, Frame> ways[] = {
      {w.other_pod, kRedirect, into_other_pod(sends(w.other_pod)).build()},
      {w.remote_pod, kRedirect, to_router(sends(w.remote_pod)).build()},
      {w.far_pod, kRedirect, across(sends(w.far_pod)).build()},
      {w.node, kPass, sends(w.node).build()}};
  for (const auto& [to, verdict, out] : ways) {
    const Frame in = sends(to).build();
    cases.push_back({"a pod sends no more than its egress bandwidth, whomever to",
                     {},
                     {{kFromPod, in, verdict, out, "", false, limit({.egress_rate = kSlow})},
                      {kFromPod, in, kDrop, {}, "egress_bandwidth"}}});
  }
}

void add_ingress_cases(std::vector<Case>& cases, const World& w) {
  const Frame in = tcp(w.remote_pod, 1, w.pod, 2).build();
  const Frame out = into_pod(tcp(w.remote_pod, 1, w.pod, 2)).build();
  const Frame probe = tcp(w.node, 1, w.pod, 2).build();
  cases.push_back({"a pod gets no more than its ingress bandwidth, from anywhere",
                   {},
                   {{kFromDevice, in, kRedirect, out, "", false, limit({.ingress_rate = kSlow})},
                    {kFromDevice, in, kDrop, {}, "ingress_bandwidth"},
                    {kToPod, probe, kDrop, {}, "ingress_bandwidth", true},
                    {kFromPod, tcp(w.pod, 2, w.remote_pod, 1).build(), kRedirect,
                     to_router(tcp(w.pod, 2, w.remote_pod, 1)).build()}}});
  cases.push_back({"where a queue limits what a pod gets, nothing is dropped before it",
                   {},
                   {{kFromDevice, in, kRedirect, out, "", false,
                     limit({.ingress_rate = kSlow, .ingress_queued = true})},
                    {kFromDevice, in, kRedirect, out},
                    {kToPod, probe, kPass, {}, "", true}}});
  // Judged where it came in: on its way through the queue it is nobody's business.
  cases.push_back({"what has been delivered passes the pod's device as it is",
                   {{.address = w.vip, .port = 80, .backends = {{w.remote_pod, 1}}}},
                   {{kFromPod, tcp(w.pod, 2, w.vip, 80).build(), kRedirect,
                     to_router(tcp(w.pod, 2, w.remote_pod, 1)).build()},
                    {.program = kToPod,
                     .in = tcp(w.remote_pod, 1, w.pod, 2).build(),
                     .verdict = kPass,
                     .out = {},
                     .mark = SKIFF_DELIVERED_MARK}}});
}

}  // namespace

void add_bandwidth_cases(std::vector<Case>& cases, const World& w) {
  add_egress_cases(cases, w);
  add_ingress_cases(cases, w);
}

}  // namespace skiff::testing
