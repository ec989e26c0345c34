// SPDX-License-Identifier: Apache-2.0
// Connections to NodePorts whose backend is on another node, beyond their beginning: what the XDP
// program may send back by itself, and what it must not.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport, uint8_t flags) {
  return Builder(from, sport, to, dport).tcp(flags).payload(flags == kAck ? "some data" : "");
}
Builder udp(const char* from, uint16_t sport, const char* to, uint16_t dport) {
  return Builder(from, sport, to, dport).udp().payload("hello");
}

// A client's packet to the backend, and the backend's to the client.
Step there(const Builder& in, const Builder& out) {
  return {kFromDevice, in.build(), kRedirect, to_router(out).build()};
}

struct Connection {
  const World& w;
  std::vector<Step> steps = {};

  void asks(uint8_t flags) {
    steps.push_back(there(tcp(w.outside, 5000, w.node, 30080, flags),
                          tcp(w.node, 61000, w.remote_pod, 8080, flags)));
  }
  void answers(uint8_t flags) {
    steps.push_back(there(tcp(w.remote_pod, 8080, w.node, 61000, flags),
                          tcp(w.node, 30080, w.outside, 5000, flags)));
  }
  void opens() {
    asks(kSyn);
    answers(kSyn | kAck);
    asks(kAck);
  }
};

}  // namespace

void add_express_cases(std::vector<Case>& cases, const World& w) {
  const Harness::Service service = {.port = 30080, .backends = {{w.remote_pod, 8080}}};
  Connection whole{w};
  whole.opens();
  for (int i = 0; i < 3; ++i) {
    whole.asks(kAck);
    whole.answers(kAck);
  }
  whole.asks(kAck | kFin);
  whole.answers(kAck | kFin);
  whole.asks(kAck);
  cases.push_back({"a connection to a NodePort of this node, its backend on another, to its end",
                   {service},
                   whole.steps});
  std::vector<Step> datagrams;
  for (int i = 0; i < 3; ++i) {
    datagrams.push_back(
        there(udp(w.outside, 5000, w.node, 30080), udp(w.node, 61000, w.remote_pod, 8080)));
    datagrams.push_back(
        there(udp(w.remote_pod, 8080, w.node, 61000), udp(w.node, 30080, w.outside, 5000)));
  }
  if (w.v4)
    datagrams.push_back(there(udp(w.outside, 5000, w.node, 30080).no_checksum(),
                              udp(w.node, 61000, w.remote_pod, 8080).no_checksum()));
  Harness::Service by_udp = service;
  by_udp.protocol = 17;
  cases.push_back({"datagrams to and fro, with and without checksum", {by_udp}, datagrams});

  Connection gone{w};
  gone.opens();
  gone.asks(kAck);
  gone.steps.push_back(
      {kFromDevice, Builder(w.outside, 5000, w.node, 30080).tcp(kAck, 1, 77).build(), kRedirect,
       back(Builder(w.node, 30080, w.outside, 5000).tcp(kRst, 77).dont_fragment()).build(),
       "backend_gone", false, [&w](Harness& node) {
         return node.add_service({.port = 30080,
                                  .backends = {{w.other_pod, 8080}},
                                  .flags = SKIFF_FRONTEND_RESET_GONE,
                                  .generation = 2});
       }});
  cases.push_back({"a connection whose backend has left its Service is looked at again",
                   {service},
                   gone.steps});

  Connection old{w};
  old.opens();
  const Builder last = tcp(w.outside, 5000, w.node, 30080, kAck).hop_limit(1);
  old.steps.push_back({kFromDevice, last.build(), kDrop, {}, "hop_limit"});
  cases.push_back({"a packet at the end of its life is not sent back", {service}, old.steps});

  Connection local{w};
  const auto in = [&](uint8_t flags) {
    return Step{kFromDevice, tcp(w.outside, 5000, w.node, 30080, flags).build(), kRedirect,
                into_pod(tcp(w.outside, 5000, w.pod, 8080, flags)).build()};
  };
  local.steps = {in(kSyn),
                 {kFromPod, tcp(w.pod, 8080, w.outside, 5000, kSyn | kAck).build(), kRedirect,
                  to_router(tcp(w.node, 30080, w.outside, 5000, kSyn | kAck)).build()},
                 in(kAck),
                 in(kAck)};
  cases.push_back({"a backend of this node is not reached through the driver",
                   {{.port = 30080, .backends = {{w.pod, 8080}}}},
                   local.steps});
}

}  // namespace skiff::testing
