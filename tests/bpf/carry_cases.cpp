// SPDX-License-Identifier: Apache-2.0
// Clients outside whose backend's node answers them: what the node they ask sends across, and what
// the other one makes of it.
#include "tests/bpf/carried.h"

namespace skiff::testing {

namespace {

using Service = Harness::Service;

constexpr const char* kFarNodeCarried = "10.90.0.3 carried";
constexpr const char* kFarNode6Carried = "fd00:10:90::4 carried";

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport,
            uint8_t flags = kSyn) {
  return Builder(from, sport, to, dport).tcp(flags);
}
Builder udp(const char* from, uint16_t sport, const char* to, uint16_t dport) {
  return Builder(from, sport, to, dport).udp().payload("hello");
}

// Sent on by the node that was asked.
Step sent(const Builder& in, const Builder& out, const char* outer = kFarNodeCarried) {
  return {.program = kFromDevice,
          .in = in.build(),
          .verdict = kRedirect,
          .out = out.build(),
          .outer = outer};
}

// At the backend's node.
Step arrives(const Builder& in, const Builder& out, const char* reason = "") {
  return {.program = kFromOverlay,
          .in = in.build(),
          .verdict = kRedirect,
          .out = out.build(),
          .reason = reason,
          .outer = kFarNodeCarried};
}

Service node_port(const char* backend, uint8_t protocol = 6) {
  return {.port = 30080,
          .protocol = protocol,
          .backends = {{backend, 8080}},
          .flags = SKIFF_FRONTEND_DSR};
}

void add_sender_cases(std::vector<Case>& cases, const World& w) {
  const Builder syn = tcp(w.outside, 5000, w.node, 30080);
  const Builder ack = tcp(w.outside, 5000, w.node, 30080, kAck);
  const Builder datagram = udp(w.outside, 5000, w.node, 30080);
  for (const auto& [pod, outer] :
       {std::pair(w.far_pod, kFarNodeCarried), {w.far_pod6, kFarNode6Carried}}) {
    cases.push_back(
        {"outside to a NodePort whose backend's node answers: sent there as it came",
         {node_port(pod), node_port(pod, 17)},
         {sent(syn, carried(syn, pod, 8080), outer), sent(ack, carried(ack, pod, 8080), outer),
          sent(datagram, carried(datagram, pod, 8080), outer)}});
  }
  cases.push_back({"a backend of this node needs nobody else",
                   {node_port(w.pod)},
                   {{kFromDevice, syn.build(), kRedirect,
                     into_pod(tcp(w.outside, 5000, w.pod, 8080)).build()}}});
  cases.push_back({"one that the overlay does not lead to is reached behind the node's address",
                   {node_port(w.remote_pod)},
                   {{kFromDevice, syn.build(), kRedirect,
                     to_router(tcp(w.node, 61000, w.remote_pod, 8080)).build()}}});
  const auto first = [&](Builder b) {
    return b.udp().payload("12345678abcdefgh").fragment(9, 0, true);
  };
  const auto rest = [&](Builder b) { return b.udp().payload("the rest").fragment(9, 24, false); };
  const Builder whole(w.outside, 5000, w.node, 30080), bare(w.outside, 0, w.node, 0);
  cases.push_back({"fragments are sent on one after the other",
                   {node_port(w.far_pod, 17)},
                   {sent(first(whole), carried(first(whole), w.far_pod, 8080)),
                    sent(rest(bare), carried(rest(bare), w.far_pod, 8080))}});
  cases.push_back({"what is at the end of its life is not sent on",
                   {node_port(w.far_pod)},
                   {{kFromDevice, Builder(syn).hop_limit(1).build(), kDrop, {}, "hop_limit"}}});
}

void add_size_cases(std::vector<Case>& cases, const World& w) {
  const std::string kLarge(1440, 'x');
  Builder large = tcp(w.outside, 5000, w.node, 30080, kAck).payload(kLarge);
  if (w.v4)
    cases.push_back({"what is too big and may be cut is: outside, by who sends the datagram",
                     {node_port(w.far_pod)},
                     {sent(large, carried(large, w.far_pod, 8080))}});
  const Frame whole = large.dont_fragment().build();
  cases.push_back({"what is too big for the overlay is answered with its size",
                   {node_port(w.far_pod)},
                   {{kFromDevice, whole, kRedirect,
                     back(Builder(w.node, 0, w.outside, 0)
                              .dont_fragment()
                              .icmp_error(w.v4 ? 3 : 2, w.v4 ? 4 : 0, whole, 1450))
                         .build(),
                     "too_big"}}});
}

void add_receiver_cases(std::vector<Case>& cases, const World& w) {
  const Builder syn = tcp(w.outside, 5000, w.other_node, 30080);
  const Builder datagram = udp(w.outside, 5000, w.other_node, 30080);
  cases.push_back({"the backend's node translates, and answers with the address that was asked",
                   {node_port(w.pod), node_port(w.pod, 17)},
                   {arrives(carried(syn, w.pod, 8080),
                            into_pod(tcp(w.outside, 5000, w.pod, 8080)).hop_limit(62)),
                    {kFromPod, tcp(w.pod, 8080, w.outside, 5000, kSyn | kAck).build(), kRedirect,
                     to_router(tcp(w.other_node, 30080, w.outside, 5000, kSyn | kAck)).build()},
                    {kToDevice,
                     to_router(tcp(w.other_node, 30080, w.outside, 5000, kSyn | kAck)).build(),
                     kPass,
                     {}},
                    arrives(carried(datagram, w.pod, 8080),
                            into_pod(udp(w.outside, 5000, w.pod, 8080)).hop_limit(62)),
                    {kFromPod, udp(w.pod, 8080, w.outside, 5000).build(), kRedirect,
                     to_router(udp(w.other_node, 30080, w.outside, 5000)).build()}}});
  Service several = node_port(w.pod);
  several.backends = {{w.pod, 8079}, {w.pod, 8080}, {w.pod, 8081}, {w.other_pod, 8080}};
  for (const uint32_t slot : {1, 0, 3, 77})
    cases.push_back({"the sender's choice counts, wherever the sender has it",
                     {several},
                     {arrives(carried(syn, w.pod, 8080, slot),
                              into_pod(tcp(w.outside, 5000, w.pod, 8080)).hop_limit(62))}});
  Service drains = node_port(w.other_pod);
  drains.draining = {{w.pod, 8080}};
  cases.push_back({"also one that gets no new clients: the connection may be older",
                   {drains},
                   {arrives(carried(tcp(w.outside, 5000, w.other_node, 30080, kAck), w.pod, 8080),
                            into_pod(tcp(w.outside, 5000, w.pod, 8080, kAck)).hop_limit(62))}});
  cases.push_back({"a choice that is none here is made again",
                   {node_port(w.pod)},
                   {arrives(carried(syn, w.far_pod, 8080),
                            into_pod(tcp(w.outside, 5000, w.pod, 8080)).hop_limit(62))}});
  const auto reset = [&](uint16_t port) {
    return refused(
        Builder(w.other_node, port, w.outside, 5000).tcp(kRst | kAck, 0, 1001).dont_fragment(),
        w.pod, 8080);
  };
  cases.push_back(
      {"without endpoints the client is refused by this node",
       {{.address = w.v4 ? "0.0.0.0" : "::", .port = 30080, .flags = SKIFF_FRONTEND_DSR}},
       {arrives(carried(syn, w.pod, 8080), reset(30080), "no_endpoints")}});
  cases.push_back({"so it is where no Service is known: nothing goes back and forth",
                   {node_port(w.pod)},
                   {arrives(carried(tcp(w.outside, 5000, w.other_node, 30081), w.pod, 8080),
                            reset(30081), "unknown_service_port")}});
  cases.push_back(
      {"what has been carried once is not carried again",
       {node_port(w.far_pod)},
       {arrives(carried(syn, w.far_pod, 8080),
                carried(tcp(w.node, 61000, w.far_pod, 8080), w.far_pod, 8080).hop_limit(62))}});
}

// Errors about quoted TCP compare byte by byte: its first eight bytes hold no checksum.
void add_error_cases(std::vector<Case>& cases, const World& w) {
  const auto error = [&](const char* from, const char* to, const Builder& quoted) {
    return Builder(from, 0, to, 0).icmp_error(w.v4 ? 3 : 1, w.v4 ? 3 : 4, quoted.build());
  };
  const Builder syn = tcp(w.outside, 5000, w.node, 30080);
  cases.push_back(
      {"an error about an answer that never came by goes on to the backend",
       {node_port(w.far_pod)},
       {sent(syn, carried(syn, w.far_pod, 8080)),
        {kFromDevice, error(w.outside, w.node, tcp(w.node, 30080, w.outside, 5000, kAck)).build(),
         kRedirect,
         across(error(w.outside, w.far_pod, tcp(w.far_pod, 8080, w.outside, 5000, kAck)))
             .build()}}});
  const Builder asked = tcp(w.outside, 5000, w.other_node, 30080);
  cases.push_back({"the backend's own error is one about what its client asked",
                   {node_port(w.pod)},
                   {arrives(carried(asked, w.pod, 8080),
                            into_pod(tcp(w.outside, 5000, w.pod, 8080)).hop_limit(62)),
                    {kFromPod, error(w.pod, w.outside, tcp(w.outside, 5000, w.pod, 8080)).build(),
                     kRedirect, to_router(error(w.other_node, w.outside, asked)).build()}}});
}

// Who is carried, and whom the other end believes.
void add_guard_cases(std::vector<Case>& cases, const World& w) {
  const Builder asked = tcp(w.outside, 5000, w.other_node, 30080);
  const auto dropped = [&](const Builder& in, const char* reason,
                           const char* sender = kFarNodeCarried) {
    return Step{.program = kFromOverlay,
                .in = in.build(),
                .verdict = kDrop,
                .out = {},
                .reason = reason,
                .outer = sender};
  };
  cases.push_back({"only nodes carry clients",
                   {node_port(w.pod)},
                   {dropped(carried(asked, w.pod, 8080), "unknown_peer", "10.66.6.6 carried")}});
  cases.push_back(
      {"to Services alone: neither a pod nor the node is reached with another's address",
       {node_port(w.pod)},
       {dropped(Builder(w.outside, 0, w.pod, 0).echo_request(7), "unknown_service_port"),
        dropped(udp(w.outside, 5000, w.pod, 53).fragment(9, 24, false), "unknown_fragment")}});
  Service ranges = node_port(w.far_pod);
  ranges.flags |= SKIFF_FRONTEND_SOURCE_RANGES;
  ranges.source_ranges = {w.v4 ? "203.0.113.0/24" : "2001:db8::/64"};
  const Builder syn = tcp(w.outside, 5000, w.node, 30080);
  cases.push_back(
      {"source ranges hold where the client asks",
       {ranges},
       {sent(syn, carried(syn, w.far_pod, 8080)),
        {kFromDevice, tcp(w.stranger, 5000, w.node, 30080).build(), kDrop, {}, "source_range"}}});
  ranges.backends = {{w.pod, 8080}};
  cases.push_back(
      {"and where it is carried to",
       {ranges},
       {dropped(carried(tcp(w.stranger, 5000, w.other_node, 30080), w.pod, 8080), "source_range"),
        arrives(carried(asked, w.pod, 8080),
                into_pod(tcp(w.outside, 5000, w.pod, 8080)).hop_limit(62))}});
  Service inside = node_port(w.far_pod), local = node_port(w.far_pod);
  inside.flags |= SKIFF_FRONTEND_TWO_SCOPES;
  local.flags |= SKIFF_FRONTEND_DROP_EMPTY;
  local.address = w.v4 ? "0.0.0.0" : "::";
  local.backends = {};
  local.scope = SKIFF_SCOPE_EXTERNAL;
  cases.push_back({"policy Local carries nobody",
                   {inside, local},
                   {{kFromDevice, syn.build(), kDrop, {}, "no_local_endpoints"}}});
  Service drains = node_port(w.pod);
  drains.draining = {{w.far_pod, 8080}};
  drains.generation = 2;
  Step second = sent(tcp(w.outside, 5000, w.node, 30080, kAck),
                     carried(tcp(w.outside, 5000, w.node, 30080, kAck), w.far_pod, 8080));
  second.before = [=](Harness& node) { return node.add_service(drains); };
  cases.push_back({"a connection stays with a backend that drains",
                   {node_port(w.far_pod)},
                   {sent(syn, carried(syn, w.far_pod, 8080)), second}});
}

}  // namespace

void add_carry_cases(std::vector<Case>& cases, const World& w) {
  add_guard_cases(cases, w);
  add_sender_cases(cases, w);
  add_size_cases(cases, w);
  add_receiver_cases(cases, w);
  add_error_cases(cases, w);
}

}  // namespace skiff::testing
