// SPDX-License-Identifier: Apache-2.0
#include "tests/bpf/cases.h"

#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

using enum Program;
using enum Verdict;

void add_cluster_ip_cases(std::vector<Case>& cases, const World& w, uint8_t protocol) {
  const auto packet = [=](const char* from, uint16_t sport, const char* to, uint16_t dport,
                          uint8_t flags) {
    Builder builder(from, sport, to, dport);
    return protocol == 6 ? builder.tcp(flags) : builder.udp().payload("hello");
  };
  const Harness::Service local = {
      .address = w.vip, .port = 80, .protocol = protocol, .backends = {{w.other_pod, 8080}}};
  const Harness::Service remote = {
      .address = w.vip, .port = 80, .protocol = protocol, .backends = {{w.remote_pod, 8080}}};

  cases.push_back({"pod to ClusterIP, backend on this node, and its answer",
                   {local},
                   {{kFromPod, packet(w.pod, 40000, w.vip, 80, kSyn).build(), kRedirect,
                     into_other_pod(packet(w.pod, 40000, w.other_pod, 8080, kSyn)).build()},
                    {kFromPod, packet(w.pod, 40000, w.vip, 80, kAck).build(), kRedirect,
                     into_other_pod(packet(w.pod, 40000, w.other_pod, 8080, kAck)).build()}}});
  cases.push_back({"pod to ClusterIP, backend on another node, and its answer",
                   {remote},
                   {{kFromPod, packet(w.pod, 40000, w.vip, 80, kSyn).build(), kRedirect,
                     to_router(packet(w.pod, 40000, w.remote_pod, 8080, kSyn)).build()},
                    {kToDevice, packet(w.pod, 40000, w.remote_pod, 8080, kSyn).build(), kPass, {}},
                    {kFromDevice, packet(w.remote_pod, 8080, w.pod, 40000, kSyn | kAck).build(),
                     kRedirect, into_pod(packet(w.vip, 80, w.pod, 40000, kSyn | kAck)).build()},
                    {kFromPod, packet(w.pod, 40000, w.vip, 80, kAck).build(), kRedirect,
                     to_router(packet(w.pod, 40000, w.remote_pod, 8080, kAck)).build()},
                    {kFromDevice, packet(w.remote_pod, 8080, w.pod, 40000, kAck).build(), kRedirect,
                     into_pod(packet(w.vip, 80, w.pod, 40000, kAck)).build()}}});
  cases.push_back(
      {"a pod that is its own backend is asked by the Service",
       {{.address = w.vip, .port = 80, .protocol = protocol, .backends = {{w.pod, 8080}}}},
       {{kFromPod, packet(w.pod, 40000, w.vip, 80, kSyn).build(), kRedirect,
         into_pod(packet(w.vip, 61000, w.pod, 8080, kSyn)).build()},
        {kFromPod, packet(w.pod, 8080, w.vip, 61000, kSyn | kAck).build(), kRedirect,
         into_pod(packet(w.vip, 80, w.pod, 40000, kSyn | kAck)).build()}}});
  cases.push_back(
      {"node to ClusterIP that its socket did not translate",
       {local},
       {{kToDevice, packet(w.node, 40000, w.vip, 80, kSyn).build(), kRedirect,
         into_other_pod(packet(w.node, 40000, w.other_pod, 8080, kSyn)).build(), "", true}}});
  cases.push_back(
      {"node to a ClusterIP it serves itself: what was on its way out comes in again",
       {{.address = w.vip, .port = 80, .protocol = protocol, .backends = {{w.node, 8080}}}},
       {{kToDevice, packet(w.node, 40000, w.vip, 80, kSyn).build(), kRedirect,
         back(packet(w.vip, 61000, w.node, 8080, kSyn)).build(), "", true},
        {kFromDevice, packet(w.vip, 61000, w.node, 8080, kSyn).build(), kPass, {}},
        {kToDevice, packet(w.node, 8080, w.vip, 61000, kSyn | kAck).build(), kRedirect,
         back(packet(w.vip, 80, w.node, 40000, kSyn | kAck)).build(), "", true},
        {kFromDevice, packet(w.vip, 80, w.node, 40000, kSyn | kAck).build(), kPass, {}}}});
}

void add_node_port_cases(std::vector<Case>& cases, const World& w, uint8_t protocol) {
  const auto packet = [=](const char* from, uint16_t sport, const char* to, uint16_t dport,
                          uint8_t flags) {
    Builder builder(from, sport, to, dport);
    return protocol == 6 ? builder.tcp(flags) : builder.udp().payload("hello");
  };
  const auto service = [&](const char* backend) {
    return Harness::Service{.port = 30080, .protocol = protocol, .backends = {{backend, 8080}}};
  };
  cases.push_back(
      {"outside to NodePort, backend on this node: the client keeps its address",
       {service(w.pod)},
       {{kFromDevice, packet(w.outside, 5000, w.node, 30080, kSyn).build(), kRedirect,
         into_pod(packet(w.outside, 5000, w.pod, 8080, kSyn)).build()},
        {kFromPod, packet(w.pod, 8080, w.outside, 5000, kSyn | kAck).build(), kRedirect,
         to_router(packet(w.node, 30080, w.outside, 5000, kSyn | kAck)).build()},
        {kToDevice, packet(w.node, 30080, w.outside, 5000, kSyn | kAck).build(), kPass, {}}}});
  cases.push_back(
      {"outside to NodePort, backend on another node: behind the node's address",
       {service(w.remote_pod)},
       {{kFromDevice, packet(w.outside, 5000, w.node, 30080, kSyn).build(), kRedirect,
         to_router(packet(w.node, 61000, w.remote_pod, 8080, kSyn)).build()},
        {kToDevice, packet(w.node, 61000, w.remote_pod, 8080, kSyn).build(), kPass, {}},
        {kFromDevice, packet(w.remote_pod, 8080, w.node, 61000, kSyn | kAck).build(), kRedirect,
         to_router(packet(w.node, 30080, w.outside, 5000, kSyn | kAck)).build()}}});
  cases.push_back({"outside to NodePort, served by the node's own process",
                   {service(w.node)},
                   {{kFromDevice, packet(w.outside, 5000, w.node, 30080, kSyn).build(), kPass,
                     packet(w.outside, 5000, w.node, 8080, kSyn).build()},
                    {kToDevice, packet(w.node, 8080, w.outside, 5000, kSyn | kAck).build(), kPass,
                     packet(w.node, 30080, w.outside, 5000, kSyn | kAck).build(), "", true}}});
  cases.push_back({"pod to a NodePort of another node is served here",
                   {service(w.other_pod)},
                   {{kFromPod, packet(w.pod, 40000, w.other_node, 30080, kSyn).build(), kRedirect,
                     into_other_pod(packet(w.pod, 40000, w.other_pod, 8080, kSyn)).build()}}});
  cases.push_back({"policy Local without a local endpoint drops clients outside, serves pods",
                   {{.port = 30080,
                     .protocol = protocol,
                     .backends = {{w.remote_pod, 8080}},
                     .flags = SKIFF_FRONTEND_TWO_SCOPES},
                    {.address = w.v4 ? "0.0.0.0" : "::",
                     .port = 30080,
                     .protocol = protocol,
                     .flags = SKIFF_FRONTEND_DROP_EMPTY,
                     .scope = SKIFF_SCOPE_EXTERNAL}},
                   {{kFromDevice,
                     packet(w.outside, 5000, w.node, 30080, kSyn).build(),
                     kDrop,
                     {},
                     "no_local_endpoints"},
                    {kFromPod, packet(w.pod, 40000, w.node, 30080, kSyn).build(), kRedirect,
                     to_router(packet(w.pod, 40000, w.remote_pod, 8080, kSyn)).build()}}});
}

void add_refusal_cases(std::vector<Case>& cases, const World& w) {
  const auto unreachable = [&](Builder builder, const Frame& quoted) {
    return back(builder.icmp_error(w.v4 ? 3 : 1, w.v4 ? 3 : 4, quoted)).build();
  };
  const Frame syn = Builder(w.pod, 40000, w.vip, 80).tcp(kSyn, 77).build();
  const Frame reset =
      back(Builder(w.vip, 80, w.pod, 40000).tcp(kRst | kAck, 0, 78).dont_fragment()).build();
  const Frame datagram = Builder(w.pod, 40000, w.vip, 53).udp().payload("hello, world").build();
  cases.push_back({"TCP to a Service without endpoints is reset",
                   {{.address = w.vip, .port = 80}},
                   {{kFromPod, syn, kRedirect, reset, "no_endpoints"}}});
  cases.push_back(
      {"TCP data to a Service without endpoints is reset from its acknowledgment",
       {{.address = w.vip, .port = 80}},
       {{kFromPod, Builder(w.pod, 40000, w.vip, 80).tcp(kAck, 77, 500).payload("data").build(),
         kRedirect, back(Builder(w.vip, 80, w.pod, 40000).tcp(kRst, 500).dont_fragment()).build(),
         "no_endpoints"}}});
  cases.push_back(
      {"UDP to a Service without endpoints: port unreachable",
       {{.address = w.vip, .port = 53, .protocol = 17}},
       {{kFromPod, datagram, kRedirect,
         unreachable(Builder(w.vip, 0, w.pod, 0).dont_fragment(), datagram), "no_endpoints"}}});
  cases.push_back({"a port that no Service has at a cluster address is refused",
                   {{.address = w.vip, .port = 81, .backends = {{w.pod, 1}}}},
                   {{kFromPod, syn, kRedirect, reset, "unknown_service_port"}}});
  cases.push_back(
      {"and refused to the node, whose own routes would let it out",
       {{.address = w.vip, .port = 81, .backends = {{w.pod, 1}}}},
       {{kToDevice, Builder(w.node, 40000, w.vip, 80).tcp(kSyn, 77).build(), kRedirect,
         back(Builder(w.vip, 80, w.node, 40000).tcp(kRst | kAck, 0, 78).dont_fragment()).build(),
         "unknown_service_port", true}}});
  cases.push_back(
      {"a NodePort without endpoints is reset to clients outside",
       {{.address = w.v4 ? "0.0.0.0" : "::", .port = 30080}},
       {{kFromDevice, Builder(w.outside, 5000, w.node, 30080).tcp(kSyn, 77).build(), kRedirect,
         back(Builder(w.node, 30080, w.outside, 5000).tcp(kRst | kAck, 0, 78).dont_fragment())
             .build(),
         "no_endpoints"}}});
}

void add_plain_cases(std::vector<Case>& cases, const World& w) {
  cases.push_back({"pod to pod of this node",
                   {},
                   {{kFromPod, Builder(w.pod, 1, w.other_pod, 2).tcp(kSyn).build(), kRedirect,
                     into_other_pod(Builder(w.pod, 1, w.other_pod, 2).tcp(kSyn)).build()}}});
  cases.push_back({"pod to pod of another node",
                   {},
                   {{kFromPod, Builder(w.pod, 1, w.remote_pod, 2).tcp(kSyn).build(), kRedirect,
                     to_router(Builder(w.pod, 1, w.remote_pod, 2).tcp(kSyn)).build()},
                    {kToDevice, Builder(w.pod, 1, w.remote_pod, 2).tcp(kSyn).build(), kPass, {}}}});
  cases.push_back({"pod to its node goes to the stack",
                   {},
                   {{kFromPod, Builder(w.pod, 1, w.node, 10250).tcp(kSyn).build(), kPass, {}}}});
  cases.push_back({"pod to the cluster's DNS, which the node answers, goes to the stack",
                   {},
                   {{kFromPod,
                     Builder(w.pod, 1, w.v4 ? "10.96.0.10" : "fd00:10:96::a", 53).udp().build(),
                     kPass,
                     {}}}});
  cases.push_back(
      {"a port of the node that is no NodePort passes",
       {},
       {{kFromDevice, Builder(w.outside, 1, w.node, 22).tcp(kSyn).build(), kPass, {}},
        {kFromDevice, Builder(w.outside, 1, w.node, 30081).tcp(kSyn).build(), kPass, {}}}});
  cases.push_back(
      {"a pod cannot send from an address that is not its own",
       {},
       {{kFromPod, Builder(w.other_pod, 1, w.pod, 2).tcp(kSyn).build(), kDrop, {}, "bad_source"},
        {kFromPod, Builder(w.outside, 1, w.pod, 2).tcp(kSyn).build(), kDrop, {}, "bad_source"}}});
  cases.push_back(
      {"a packet at the end of its life goes to the stack, which answers",
       {},
       {{kFromPod, Builder(w.pod, 1, w.other_pod, 2).tcp(kSyn).hop_limit(1).build(), kPass, {}}}});
  const Frame whole = Builder(w.pod, 1, w.vip, 80).tcp(kSyn).build();
  cases.push_back({"a truncated TCP header is dropped",
                   {},
                   {{kFromPod, truncated(whole, whole.size() - 1), kDrop, {}, "truncated"},
                    {kFromPod, truncated(whole, whole.size() - 18), kDrop, {}, "truncated"}}});
}

void add_masquerade_cases(std::vector<Case>& cases, const World& w) {
  cases.push_back(
      {"pod to the world leaves with the node's address, and the answer finds it",
       {},
       {{kToDevice, Builder(w.pod, 40000, w.outside, 443).tcp(kSyn).build(), kPass,
         Builder(w.node, 61000, w.outside, 443).tcp(kSyn).build()},
        {kFromDevice, Builder(w.outside, 443, w.node, 61000).tcp(kSyn | kAck).build(), kRedirect,
         into_pod(Builder(w.outside, 443, w.pod, 40000).tcp(kSyn | kAck)).build()},
        {kToDevice, Builder(w.pod, 40000, w.outside, 443).tcp(kAck).build(), kPass,
         Builder(w.node, 61000, w.outside, 443).tcp(kAck).build()}}});
  cases.push_back(
      {"echo is masqueraded by its identifier",
       {},
       {{kToDevice, Builder(w.pod, 0, w.outside, 0).echo_request(7).payload("ping").build(), kPass,
         Builder(w.node, 0, w.outside, 0).echo_request(61000).payload("ping").build()},
        {kFromDevice, Builder(w.outside, 0, w.node, 0).echo_reply(61000).payload("ping").build(),
         kRedirect,
         into_pod(Builder(w.outside, 0, w.pod, 0).echo_reply(7).payload("ping")).build()}}});
  cases.push_back({"two pods with one source port do not share a tuple",
                   {},
                   {{kToDevice, Builder(w.pod, 40000, w.outside, 443).udp().build(), kPass,
                     Builder(w.node, 61000, w.outside, 443).udp().build()},
                    {kToDevice,
                     Builder(w.other_pod, 40000, w.outside, 443).udp().build(),
                     kDrop,
                     {},
                     "no_snat_port"}}});
  const auto asks = [&](Builder packet) {
    return Step{kFromDevice, packet.build(), kRedirect, into_pod(packet).build()};
  };
  const auto answers = [&](Builder packet) { return Step{kToDevice, packet.build(), kPass, {}}; };
  const Builder question(w.outside, 5000, w.pod, 8080), answer(w.pod, 8080, w.outside, 5000);
  cases.push_back(
      {"a client outside that asks a pod by its own address is answered by that address",
       {},
       {asks(Builder(question).tcp(kSyn)), answers(Builder(answer).tcp(kSyn | kAck)),
        asks(Builder(question).tcp(kAck)), answers(Builder(answer).tcp(kAck)),
        answers(Builder(answer).tcp(kFin | kAck)), asks(Builder(question).tcp(kRst)),
        asks(Builder(question).tcp(kSyn)), answers(Builder(answer).tcp(kSyn | kAck))}});
  cases.push_back({"also by datagrams and echo",
                   {},
                   {asks(Builder(question).udp()), answers(Builder(answer).udp()),
                    asks(Builder(w.outside, 0, w.pod, 0).echo_request(7)),
                    answers(Builder(w.pod, 0, w.outside, 0).echo_reply(7))}});
  cases.push_back({"what the pod begins towards such a client leaves with the node's address",
                   {},
                   {asks(Builder(question).tcp(kSyn)),
                    {kToDevice, Builder(w.pod, 40000, w.outside, 5000).tcp(kSyn).build(), kPass,
                     Builder(w.node, 61000, w.outside, 5000).tcp(kSyn).build()}}});
  cases.push_back(
      {"and so does what it begins from the same port when the client's connection is over",
       {},
       {asks(Builder(question).tcp(kSyn)),
        asks(Builder(question).tcp(kRst)),
        {kToDevice, Builder(answer).tcp(kSyn).build(), kPass,
         Builder(w.node, 61000, w.outside, 5000).tcp(kSyn).build()}}});
  cases.push_back(
      {"pod to another node keeps its address",
       {},
       {{kToDevice, Builder(w.pod, 1, w.other_node, 22).tcp(kSyn).build(), kPass, {}}}});
}

void add_fragment_cases(std::vector<Case>& cases, const World& w) {
  const auto first = [](Builder builder) {
    return builder.udp().payload("12345678abcdefgh").fragment(99, 0, true);
  };
  const auto later = [](Builder builder) {
    return builder.udp().payload("the rest").fragment(99, 24, false);
  };
  const Harness::Service service = {
      .address = w.vip, .port = 53, .protocol = 17, .backends = {{w.other_pod, 5353}}};
  cases.push_back({"later fragments follow the first",
                   {service},
                   {{kFromPod, first(Builder(w.pod, 40000, w.vip, 53)).build(), kRedirect,
                     into_other_pod(first(Builder(w.pod, 40000, w.other_pod, 5353))).build()},
                    {kFromPod, later(Builder(w.pod, 40000, w.vip, 53)).build(), kRedirect,
                     into_other_pod(later(Builder(w.pod, 40000, w.other_pod, 5353))).build()}}});
}

// Errors quote TCP here: its first eight bytes hold no checksum, so the frames compare byte by
// byte.
void add_icmp_error_cases(std::vector<Case>& cases, const World& w) {
  const uint8_t type = w.v4 ? 3 : 1, code = w.v4 ? 3 : 4;
  const uint8_t too_big_type = w.v4 ? 3 : 2, too_big_code = w.v4 ? 4 : 0;
  const auto tcp = [](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return Builder(from, sport, to, dport).tcp(kSyn).build();
  };
  const auto error = [=](const char* from, const char* to, const Frame& quoted) {
    return Builder(from, 0, to, 0).icmp_error(type, code, quoted);
  };
  const auto too_big = [=](const char* from, const char* to, const Frame& quoted) {
    return Builder(from, 0, to, 0).icmp_error(too_big_type, too_big_code, quoted);
  };
  cases.push_back(
      {"an error about a translated packet comes back as one about the Service",
       {{.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}}},
       {{kFromPod, tcp(w.pod, 40000, w.vip, 80), kRedirect,
         to_router(Builder(w.pod, 40000, w.remote_pod, 8080).tcp(kSyn)).build()},
        {kFromDevice, error(w.remote_pod, w.pod, tcp(w.pod, 40000, w.remote_pod, 8080)).build(),
         kRedirect, into_pod(error(w.vip, w.pod, tcp(w.pod, 40000, w.vip, 80))).build()},
        {kFromDevice, too_big(w.outside, w.pod, tcp(w.pod, 40000, w.remote_pod, 8080)).build(),
         kRedirect, into_pod(too_big(w.outside, w.pod, tcp(w.pod, 40000, w.vip, 80))).build()}}});
  cases.push_back(
      {"an error about an answer of a NodePort reaches the pod that answered",
       {{.port = 30080, .backends = {{w.pod, 8080}}}},
       {{kFromDevice, tcp(w.outside, 5000, w.node, 30080), kRedirect,
         into_pod(Builder(w.outside, 5000, w.pod, 8080).tcp(kSyn)).build()},
        {kFromDevice, too_big(w.other_node, w.node, tcp(w.node, 30080, w.outside, 5000)).build(),
         kRedirect,
         into_pod(too_big(w.other_node, w.pod, tcp(w.pod, 8080, w.outside, 5000))).build()}}});
  cases.push_back(
      {"an error about a masqueraded packet reaches its pod",
       {},
       {{kToDevice, tcp(w.pod, 40000, w.outside, 443), kPass, tcp(w.node, 61000, w.outside, 443)},
        {kFromDevice, error(w.outside, w.node, tcp(w.node, 61000, w.outside, 443)).build(),
         kRedirect,
         into_pod(error(w.outside, w.pod, tcp(w.pod, 40000, w.outside, 443))).build()}}});
}

}  // namespace

std::vector<Case> packet_cases() {
  std::vector<Case> cases;
  for (const World& world : kWorlds) {
    for (const uint8_t protocol : {6, 17}) {
      add_cluster_ip_cases(cases, world, protocol);
      add_node_port_cases(cases, world, protocol);
    }
    add_refusal_cases(cases, world);
    add_plain_cases(cases, world);
    add_masquerade_cases(cases, world);
    add_fragment_cases(cases, world);
    add_icmp_error_cases(cases, world);
    add_service_cases(cases, world);
    add_refused_packet_cases(cases, world);
    add_overlay_cases(cases, world);
    add_to_pod_cases(cases, world);
    add_neighbour_cases(cases, world);
    add_edge_cases(cases, world);
    add_bandwidth_cases(cases, world);
    add_carry_cases(cases, world);
    add_express_cases(cases, world);
  }
  return cases;
}

}  // namespace skiff::testing
