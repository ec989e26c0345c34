// SPDX-License-Identifier: Apache-2.0
// Both directions of the overlay's device.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

using Service = Harness::Service;

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport,
            uint8_t flags = kSyn) {
  return Builder(from, sport, to, dport).tcp(flags);
}

Step arrives(Builder builder, Builder out, std::string outer = kFarNode) {
  return {.program = kFromOverlay,
          .in = builder.build(),
          .verdict = kRedirect,
          .out = out.build(),
          .outer = std::move(outer)};
}

Step leaves(Builder builder, std::string outer = kFarNode) {
  return {.program = kToOverlay,
          .in = builder.build(),
          .verdict = kPass,
          .out = {},
          .outer = std::move(outer)};
}

void add_plain_cases(std::vector<Case>& cases, const World& w) {
  for (const auto& [pod, node] : {std::pair(w.far_pod, kFarNode), {w.far_pod6, kFarNode6}}) {
    cases.push_back({"pod to pod across the overlay and back",
                     {},
                     {{kFromPod, tcp(w.pod, 1, pod, 2).build(), kRedirect,
                       across(tcp(w.pod, 1, pod, 2)).build()},
                      leaves(across(tcp(w.pod, 1, pod, 2)), node),
                      arrives(tcp(pod, 2, w.pod, 1, kSyn | kAck),
                              into_pod(tcp(pod, 2, w.pod, 1, kSyn | kAck)), node)}});
  }
  cases.push_back({"what the node's stack routes across gets its outer header as well",
                   {},
                   {leaves(Builder(w.node, 0, w.far_pod, 0).echo_request(7))}});
  cases.push_back({"the overlay carries to known destinations only",
                   {},
                   {{kToOverlay, tcp(w.pod, 1, w.outside, 2).build(), kDrop, {}, "no_peer"},
                    {kToOverlay, tcp(w.pod, 1, w.remote_pod, 2).build(), kDrop, {}, "no_peer"}}});
  Builder report = Builder(w.v4 ? w.node : "::", 1, w.v4 ? "224.0.0.22" : "ff02::16", 2).udp();
  if (!w.v4) report.extension(IPPROTO_HOPOPTS, std::string_view("\x05\x02\0\0\x01\0", 6));
  cases.push_back({"what the kernel says of its multicast groups is no loss",
                   {},
                   {{kToOverlay, report.build(), kDrop, {}, ""}}});
  const Step stranger = {.program = kFromOverlay,
                         .in = tcp(w.far_pod, 2, w.pod, 1).build(),
                         .verdict = kDrop,
                         .out = {},
                         .reason = "unknown_peer",
                         .outer = w.v4 ? "203.0.113.77" : "2001:db8::77"};
  Step bare = stranger;
  bare.outer = "";
  cases.push_back({"only nodes of the cluster send over the overlay", {}, {stranger, bare}});
  cases.push_back({"a packet at the end of its life goes to the stack, also across",
                   {},
                   {{kFromPod, tcp(w.pod, 1, w.far_pod, 2).hop_limit(1).build(), kPass, {}},
                    {.program = kFromOverlay,
                     .in = tcp(w.far_pod, 2, w.pod, 1).hop_limit(1).build(),
                     .verdict = kPass,
                     .out = {},
                     .outer = kFarNode}}});
}

void add_service_walks(std::vector<Case>& cases, const World& w) {
  cases.push_back({"pod to ClusterIP, backend across the overlay, and its answer",
                   {{.address = w.vip, .port = 80, .backends = {{w.far_pod, 8080}}}},
                   {{kFromPod, tcp(w.pod, 40000, w.vip, 80).build(), kRedirect,
                     across(tcp(w.pod, 40000, w.far_pod, 8080)).build()},
                    leaves(across(tcp(w.pod, 40000, w.far_pod, 8080))),
                    arrives(tcp(w.far_pod, 8080, w.pod, 40000, kSyn | kAck),
                            into_pod(tcp(w.vip, 80, w.pod, 40000, kSyn | kAck)))}});
  cases.push_back({"outside to NodePort, backend across: behind the node's address",
                   {{.port = 30080, .backends = {{w.far_pod, 8080}}}},
                   {{kFromDevice, tcp(w.outside, 5000, w.node, 30080).build(), kRedirect,
                     across(tcp(w.node, 61000, w.far_pod, 8080)).build()},
                    leaves(across(tcp(w.node, 61000, w.far_pod, 8080))),
                    arrives(tcp(w.far_pod, 8080, w.node, 61000, kSyn | kAck),
                            to_router(tcp(w.node, 30080, w.outside, 5000, kSyn | kAck)))}});
  cases.push_back(
      {"pod across to a NodePort of this node, backend here",
       {{.port = 30080, .backends = {{w.pod, 8080}}}},
       {arrives(tcp(w.far_pod, 5000, w.node, 30080), into_pod(tcp(w.far_pod, 5000, w.pod, 8080))),
        {kFromPod, tcp(w.pod, 8080, w.far_pod, 5000, kSyn | kAck).build(), kRedirect,
         across(tcp(w.node, 30080, w.far_pod, 5000, kSyn | kAck)).build()}}});
  cases.push_back({"pod across to a NodePort of this node, served by the node's own process",
                   {{.port = 30080, .backends = {{w.node, 8080}}}},
                   {{.program = kFromOverlay,
                     .in = tcp(w.far_pod, 5000, w.node, 30080).build(),
                     .verdict = kPass,
                     .out = tcp(w.far_pod, 5000, w.node, 8080).build(),
                     .outer = kFarNode},
                    {.program = kToOverlay,
                     .in = tcp(w.node, 8080, w.far_pod, 5000, kSyn | kAck).build(),
                     .verdict = kPass,
                     .out = tcp(w.node, 30080, w.far_pod, 5000, kSyn | kAck).build(),
                     .from_node = true,
                     .outer = kFarNode}}});
  cases.push_back(
      {"a Service without endpoints refuses clients across, too",
       {{.address = w.v4 ? "0.0.0.0" : "::", .port = 30080}},
       {{.program = kFromOverlay,
         .in = Builder(w.far_pod, 5000, w.node, 30080).tcp(kSyn, 77).build(),
         .verdict = kRedirect,
         .out =
             back(Builder(w.node, 30080, w.far_pod, 5000).tcp(kRst | kAck, 0, 78).dont_fragment())
                 .build(),
         .reason = "no_endpoints",
         .outer = kFarNode}}});
}

// Errors about quoted TCP compare byte by byte: its first eight bytes hold no checksum.
void add_icmp_cases(std::vector<Case>& cases, const World& w) {
  const uint8_t type = w.v4 ? 3 : 1, code = w.v4 ? 3 : 4;
  const auto error = [=](const char* from, const char* to, Builder quoted) {
    return Builder(from, 0, to, 0).icmp_error(type, code, quoted.build());
  };
  cases.push_back({"an error from across about a translated packet is one about the Service",
                   {{.address = w.vip, .port = 80, .backends = {{w.far_pod, 8080}}}},
                   {{kFromPod, tcp(w.pod, 40000, w.vip, 80).build(), kRedirect,
                     across(tcp(w.pod, 40000, w.far_pod, 8080)).build()},
                    arrives(error(w.far_pod, w.pod, tcp(w.pod, 40000, w.far_pod, 8080)),
                            into_pod(error(w.vip, w.pod, tcp(w.pod, 40000, w.vip, 80))))}});
  cases.push_back({"an error of the node's stack goes across as one about the NodePort",
                   {{.port = 30080, .backends = {{w.node, 8080}}}},
                   {{.program = kFromOverlay,
                     .in = tcp(w.far_pod, 5000, w.node, 30080).build(),
                     .verdict = kPass,
                     .out = tcp(w.far_pod, 5000, w.node, 8080).build(),
                     .outer = kFarNode},
                    {.program = kToOverlay,
                     .in = error(w.node, w.far_pod, tcp(w.far_pod, 5000, w.node, 8080)).build(),
                     .verdict = kPass,
                     .out = error(w.node, w.far_pod, tcp(w.far_pod, 5000, w.node, 30080)).build(),
                     .from_node = true,
                     .outer = kFarNode}}});
  const std::string kLarge(1440, 'x');
  const auto large = [&](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return Builder(from, sport, to, dport).tcp(kAck).payload(kLarge).dont_fragment();
  };
  const Frame sent = large(w.pod, 40000, w.vip, 80).build();
  cases.push_back({"a translated packet that the overlay does not take is answered with its size",
                   {{.address = w.vip, .port = 80, .backends = {{w.far_pod, 8080}}}},
                   {{kFromPod, sent, kRedirect,
                     back(Builder(w.vip, 0, w.pod, 0)
                              .dont_fragment()
                              .icmp_error(w.v4 ? 3 : 2, w.v4 ? 4 : 0, sent, 1450))
                         .build(),
                     "too_big"}}});
  cases.push_back({"an untranslated one is the stack's business",
                   {},
                   {{kFromPod, large(w.pod, 40000, w.far_pod, 80).build(), kPass, {}}}});
}

}  // namespace

void add_overlay_cases(std::vector<Case>& cases, const World& w) {
  add_plain_cases(cases, w);
  add_service_walks(cases, w);
  add_icmp_cases(cases, w);
}

}  // namespace skiff::testing
