// SPDX-License-Identifier: Apache-2.0
// What the node sends into a pod, and what policies say to the others.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport,
            uint8_t flags = kSyn) {
  return Builder(from, sport, to, dport).tcp(flags);
}

void add_answer_cases(std::vector<Case>& cases, const World& w) {
  for (const uint8_t protocol : {6, 17}) {
    const auto packet = [=](const char* from, uint16_t sport, const char* to, uint16_t dport,
                            uint8_t flags) {
      Builder builder(from, sport, to, dport);
      return protocol == 6 ? builder.tcp(flags) : builder.udp().payload("hello");
    };
    cases.push_back(
        {"pod to a ClusterIP that a process of the node serves, and the answer",
         {{.address = w.vip, .port = 80, .protocol = protocol, .backends = {{w.node, 8080}}}},
         {{kFromPod, packet(w.pod, 40000, w.vip, 80, kSyn).build(), kPass,
           packet(w.pod, 40000, w.node, 8080, kSyn).build()},
          {kToPod, packet(w.node, 8080, w.pod, 40000, kSyn | kAck).build(), kPass,
           packet(w.vip, 80, w.pod, 40000, kSyn | kAck).build(), "", true},
          {kFromPod, packet(w.pod, 40000, w.vip, 80, kAck).build(), kPass,
           packet(w.pod, 40000, w.node, 8080, kAck).build()}}});
  }
  cases.push_back(
      {"what the node sends of its own is not touched",
       {},
       {{kToPod, tcp(w.node, 40000, w.pod, 8080).build(), kPass, {}, "", true},
        {kToPod, Builder(w.node, 0, w.pod, 0).echo_request(7).build(), kPass, {}, "", true},
        {kToPod, Builder(w.node, 0, w.pod, 0).echo_reply(9).build(), kPass, {}, "", true}}});
}

void add_icmp_cases(std::vector<Case>& cases, const World& w) {
  const uint8_t type = w.v4 ? 3 : 1, code = w.v4 ? 3 : 4;
  const auto error = [=](const char* from, const char* to, Builder quoted) {
    return Builder(from, 0, to, 0).icmp_error(type, code, quoted.build());
  };
  cases.push_back({"the node refuses for the Service that a pod asked",
                   {{.address = w.vip, .port = 80, .backends = {{w.node, 8080}}}},
                   {{kFromPod, tcp(w.pod, 40000, w.vip, 80).build(), kPass,
                     tcp(w.pod, 40000, w.node, 8080).build()},
                    {kToPod, error(w.node, w.pod, tcp(w.pod, 40000, w.node, 8080)).build(), kPass,
                     error(w.vip, w.pod, tcp(w.pod, 40000, w.vip, 80)).build(), "", true}}});
  const auto too_old = [&](Builder quoted) {
    return Builder(w.node, 0, w.pod, 0).icmp_error(w.v4 ? 11 : 3, 0, quoted.build());
  };
  cases.push_back(
      {"an error of the node about what was not translated stays as it is",
       {},
       {{kToPod, too_old(tcp(w.pod, 1, w.other_pod, 2)).build(), kPass, {}, "", true}}});
}

// The pod is isolated in one direction, and nobody is let through, or everybody.
std::function<Status(Harness&)> isolate(const char* pod, skiff_policy_direction direction,
                                        uint32_t others = SKIFF_PORTS_NONE) {
  return [=](Harness& node) -> Status {
    datapath::PodPolicy policy = {};
    policy.side[direction] = {.table = 1, .others = others, .flags = SKIFF_POLICY_ISOLATED};
    RETURN_IF_ERROR(
        node.maps().pod_policies->put(datapath::to_abi(IpAddress::parse(pod).value()), policy));
    return node.maps().policy_state->put(0, {.pods = 1, .generation = 1});
  };
}

// What has no room among the established stays among the new ones, and is counted for itself.
void add_full_policy_table_cases(std::vector<Case>& cases, const World& w) {
  const auto isolate_and_fill = [=](Harness& node) -> Status {
    RETURN_IF_ERROR(isolate(w.pod, SKIFF_POLICY_INGRESS, SKIFF_PORTS_ALL)(node));
    return fill_flows(*node.maps().policy_flows);
  };
  const auto asks = [&](uint8_t flags, const char* reason) {
    return Step{kFromDevice, tcp(w.remote_pod, 40000, w.pod, 8080, flags).build(), kRedirect,
                into_pod(tcp(w.remote_pod, 40000, w.pod, 8080, flags)).build(), reason};
  };
  const auto answers = [&](uint8_t flags) {
    return Step{kFromPod, tcp(w.pod, 8080, w.remote_pod, 40000, flags).build(), kRedirect,
                to_router(tcp(w.pod, 8080, w.remote_pod, 40000, flags)).build()};
  };
  Step opens = asks(kSyn, "");
  opens.before = isolate_and_fill;
  cases.push_back(
      {"a full table of isolated pods' flows is counted and lets pass",
       {},
       {opens, answers(kSyn | kAck), asks(kAck, "policy_flow_table_full"), answers(kAck)}});
}

void add_policy_cases(std::vector<Case>& cases, const World& w) {
  const Frame in = tcp(w.remote_pod, 40000, w.pod, 8080).build();
  const Frame out = tcp(w.pod, 40000, w.remote_pod, 8080).build();
  cases.push_back(
      {"a pod that lets nobody in gets nothing from anywhere but its node",
       {},
       {{kFromDevice, in, kDrop, {}, "policy_ingress", false, isolate(w.pod, SKIFF_POLICY_INGRESS)},
        {.program = kFromOverlay,
         .in = tcp(w.far_pod, 40000, w.pod, 8080).build(),
         .verdict = kDrop,
         .out = {},
         .reason = "policy_ingress",
         .outer = kFarNode},
        {kToPod, in, kDrop, {}, "policy_ingress"},
        {kToPod, tcp(w.node, 40000, w.pod, 8080).build(), kPass, {}, "", true},
        {kFromPod, out, kRedirect, to_router(tcp(w.pod, 40000, w.remote_pod, 8080)).build()}}});
  cases.push_back(
      {"a pod that may reach nobody reaches its node alone",
       {},
       {{kFromPod, out, kDrop, {}, "policy_egress", false, isolate(w.pod, SKIFF_POLICY_EGRESS)},
        {kFromPod, tcp(w.pod, 40000, w.far_pod, 8080).build(), kDrop, {}, "policy_egress"},
        {kFromPod, tcp(w.pod, 40000, w.node, 10250).build(), kPass, {}}}});
}

}  // namespace

void add_to_pod_cases(std::vector<Case>& cases, const World& w) {
  add_answer_cases(cases, w);
  add_icmp_cases(cases, w);
  add_policy_cases(cases, w);
  add_full_policy_table_cases(cases, w);
}

}  // namespace skiff::testing
