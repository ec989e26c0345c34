// SPDX-License-Identifier: Apache-2.0
// Services beyond the plain walk: whom they serve, what becomes of connections whose backend goes,
// SCTP.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

using Service = Harness::Service;

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport,
            uint8_t flags = kSyn) {
  return Builder(from, sport, to, dport).tcp(flags);
}

void add_source_range_cases(std::vector<Case>& cases, const World& w) {
  const Service balanced = {.address = w.balancer,
                            .port = 80,
                            .backends = {{w.pod, 8080}},
                            .id = 7,
                            .flags = SKIFF_FRONTEND_EXTERNAL | SKIFF_FRONTEND_SOURCE_RANGES,
                            .source_ranges = {w.v4 ? "203.0.113.0/24" : "2001:db8::/64"}};
  Service other = balanced;  // lets in whom the first one does not
  other.port = 81;
  other.id = 8;
  other.base = 10;
  other.source_ranges = {w.v4 ? "198.51.100.0/24" : "2001:db8:ffff::/48"};
  Service closed = balanced;
  closed.source_ranges = {};
  cases.push_back(
      {"a Service with source ranges serves whom they name",
       {balanced, other},
       {{kFromDevice, tcp(w.outside, 5000, w.balancer, 80).build(), kRedirect,
         into_pod(tcp(w.outside, 5000, w.pod, 8080)).build()},
        {kFromDevice, tcp(w.stranger, 5000, w.balancer, 80).build(), kDrop, {}, "source_range"},
        {kFromDevice, tcp(w.outside, 5001, w.balancer, 81).build(), kDrop, {}, "source_range"},
        {kFromDevice, tcp(w.stranger, 5001, w.balancer, 81).build(), kRedirect,
         into_pod(tcp(w.stranger, 5001, w.pod, 8080)).build()},
        {kFromPod, tcp(w.pod, 40000, w.balancer, 80).build(), kDrop, {}, "source_range"}}});
  cases.push_back(
      {"and nobody else where none is left, but connections it has go on",
       {balanced},
       {{kFromDevice, tcp(w.outside, 5000, w.balancer, 80).build(), kRedirect,
         into_pod(tcp(w.outside, 5000, w.pod, 8080)).build()},
        {kFromDevice, tcp(w.outside, 5000, w.balancer, 80, kAck).build(), kRedirect,
         into_pod(tcp(w.outside, 5000, w.pod, 8080, kAck)).build(), "", false,
         [=](Harness& node) {
           RETURN_IF_ERROR(datapath::sync(*node.maps().source_ranges, {}));
           return node.add_service(closed);
         }},
        {kFromDevice, tcp(w.outside, 5001, w.balancer, 80).build(), kDrop, {}, "source_range"}}});
}

void add_wildcard_cases(std::vector<Case>& cases, const World& w) {
  const auto wildcard = [](const char* address) {
    return Service{.address = address, .port = 0, .protocol = 0, .flags = SKIFF_FRONTEND_WILDCARD};
  };
  const Service served = {.address = w.balancer, .port = 80, .backends = {{w.pod, 8080}}};
  const auto reset = [](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return back(Builder(from, sport, to, dport).tcp(kRst | kAck, 0, 1001).dont_fragment()).build();
  };
  const Frame datagram = Builder(w.outside, 5000, w.balancer, 53).udp().payload("hello").build();
  cases.push_back({"other ports of a load balancer's address are refused",
                   {served, wildcard(w.balancer)},
                   {{kFromDevice, tcp(w.outside, 5000, w.balancer, 80).build(), kRedirect,
                     into_pod(tcp(w.outside, 5000, w.pod, 8080)).build()},
                    {kFromDevice, tcp(w.outside, 5000, w.balancer, 81).build(), kRedirect,
                     reset(w.balancer, 81, w.outside, 5000), "unknown_service_port"},
                    {kFromPod, tcp(w.pod, 40000, w.balancer, 81).build(), kRedirect,
                     reset(w.balancer, 81, w.pod, 40000), "unknown_service_port"},
                    {kToDevice, tcp(w.node, 40000, w.balancer, 81).build(), kRedirect,
                     reset(w.balancer, 81, w.node, 40000), "unknown_service_port", true},
                    {kFromDevice, datagram, kRedirect,
                     back(Builder(w.balancer, 0, w.outside, 0)
                              .dont_fragment()
                              .icmp_error(w.v4 ? 3 : 1, w.v4 ? 3 : 4, datagram))
                         .build(),
                     "unknown_service_port"}}});
  cases.push_back({"an address of a node belongs to its processes, whoever claims it",
                   {wildcard(w.node)},
                   {{kFromDevice, tcp(w.outside, 5000, w.node, 22).build(), kPass, {}}}});
  cases.push_back({"clients outside are refused at unknown ports of ClusterIPs, too",
                   {},
                   {{kFromDevice, tcp(w.outside, 5000, w.vip, 81).build(), kRedirect,
                     reset(w.vip, 81, w.outside, 5000), "unknown_service_port"}}});
}

// One backend becomes another.
void add_drain_cases(std::vector<Case>& cases, const World& w) {
  const Service first = {.address = w.vip,
                         .port = 80,
                         .backends = {{w.other_pod, 8080}},
                         .flags = SKIFF_FRONTEND_RESET_GONE};
  Service draining = first;
  draining.base = 100;
  draining.generation = 2;
  draining.backends = {{w.remote_pod, 8080}};
  draining.draining = {{w.other_pod, 8080}};
  Service unready = draining;
  unready.draining_unready = true;
  Service gone = draining;
  gone.draining = {};
  gone.generation = 3;
  const auto become = [](const Service& service) {
    return [service](Harness& node) { return node.add_service(service); };
  };
  const Step opens = {kFromPod, tcp(w.pod, 40000, w.vip, 80).build(), kRedirect,
                      into_other_pod(tcp(w.pod, 40000, w.other_pod, 8080)).build()};
  const auto goes_on = [&](const Service& after) {
    return Step{kFromPod,     tcp(w.pod, 40000, w.vip, 80, kAck).build(),
                kRedirect,    into_other_pod(tcp(w.pod, 40000, w.other_pod, 8080, kAck)).build(),
                "",           false,
                become(after)};
  };
  const Step elsewhere = {kFromPod, tcp(w.pod, 40001, w.vip, 80).build(), kRedirect,
                          to_router(tcp(w.pod, 40001, w.remote_pod, 8080)).build()};
  const Frame data = Builder(w.pod, 40000, w.vip, 80).tcp(kAck, 77, 500).payload("data").build();
  const Frame reset = back(Builder(w.vip, 80, w.pod, 40000).tcp(kRst, 500).dont_fragment()).build();
  const Step dies = {kFromPod, data, kRedirect, reset, "backend_gone", false, become(gone)};
  cases.push_back({"a draining backend keeps its connections and gets no new ones",
                   {first},
                   {opens, goes_on(draining), elsewhere}});
  cases.push_back({"a backend that is not ready keeps its connections",
                   {first},
                   {opens, goes_on(unready), elsewhere}});
  cases.push_back({"a connection whose backend is gone is reset, each time it asks",
                   {first},
                   {opens,
                    goes_on(draining),
                    dies,
                    {kFromPod, data, kRedirect, reset, "backend_gone"},
                    // and its client may begin anew
                    {kFromPod, tcp(w.pod, 40000, w.vip, 80).build(), kRedirect,
                     to_router(tcp(w.pod, 40000, w.remote_pod, 8080)).build()}}});
  Service unknown = gone;
  unknown.flags = 0;
  cases.push_back(
      {"but not while the agent does not say who is left", {first}, {opens, goes_on(unknown)}});
  // The same name and address, another Service; its generations count from the beginning.
  Service successor = gone;
  successor.id = 2;
  successor.generation = first.generation;
  cases.push_back(
      {"nor does a connection live on with a Service's successor",
       {first},
       {opens, {kFromPod, data, kRedirect, reset, "backend_gone", false, become(successor)}}});
}

void add_udp_drain_cases(std::vector<Case>& cases, const World& w) {
  const auto udp = [&](const char* to, uint16_t port) {
    return Builder(w.pod, 40000, to, port).udp().payload("hello");
  };
  const Service first = {
      .address = w.vip, .port = 53, .protocol = 17, .backends = {{w.other_pod, 53}}};
  Service draining = first;
  draining.base = 100;
  draining.generation = 2;
  draining.backends = {{w.remote_pod, 53}};
  draining.draining = {{w.other_pod, 53}};
  Service unready = draining;
  unready.generation = 3;
  unready.draining_unready = true;
  cases.push_back(
      {"datagrams stay with a draining backend, not with one that is not ready",
       {first},
       {{kFromPod, udp(w.vip, 53).build(), kRedirect, into_other_pod(udp(w.other_pod, 53)).build()},
        {kFromPod, udp(w.vip, 53).build(), kRedirect, into_other_pod(udp(w.other_pod, 53)).build(),
         "", false, [=](Harness& node) { return node.add_service(draining); }},
        {kFromPod, udp(w.vip, 53).build(), kRedirect, to_router(udp(w.remote_pod, 53)).build(), "",
         false, [=](Harness& node) { return node.add_service(unready); }}}});
}

void add_sctp_cases(std::vector<Case>& cases, const World& w) {
  const auto sctp = [](const char* from, uint16_t sport, const char* to, uint16_t dport,
                       bool offloaded = false) {
    Builder chunk = Builder(from, sport, to, dport).sctp().payload("a chunk of seventeen");
    return offloaded ? chunk.offloaded() : chunk;
  };
  const Service service = {
      .address = w.vip, .port = 9000, .protocol = 132, .backends = {{w.remote_pod, 9999}}};
  cases.push_back({"SCTP through a ClusterIP: other ports, good checksums, and back",
                   {service},
                   {{kFromPod, sctp(w.pod, 40000, w.vip, 9000).build(), kRedirect,
                     to_router(sctp(w.pod, 40000, w.remote_pod, 9999)).build()},
                    {kFromDevice, sctp(w.remote_pod, 9999, w.pod, 40000).build(), kRedirect,
                     into_pod(sctp(w.vip, 9000, w.pod, 40000)).build()},
                    {kFromPod, sctp(w.pod, 40000, w.vip, 9000).build(), kRedirect,
                     to_router(sctp(w.pod, 40000, w.remote_pod, 9999)).build()}}});
  cases.push_back({"an SCTP checksum that is left to the device stays with the device",
                   {service},
                   {{kFromPod, sctp(w.pod, 40000, w.vip, 9000, true).build(), kRedirect,
                     to_router(sctp(w.pod, 40000, w.remote_pod, 9999, true)).build()}}});
  cases.push_back({"SCTP from outside to a NodePort, behind the node's address",
                   {{.port = 30090, .protocol = 132, .backends = {{w.remote_pod, 9999}}}},
                   {{kFromDevice, sctp(w.outside, 5000, w.node, 30090).build(), kRedirect,
                     to_router(sctp(w.node, 61000, w.remote_pod, 9999)).build()},
                    {kFromDevice, sctp(w.remote_pod, 9999, w.node, 61000).build(), kRedirect,
                     to_router(sctp(w.node, 30090, w.outside, 5000)).build()}}});
  cases.push_back({"SCTP in fragments cannot get other ports",
                   {service},
                   {{kFromPod,
                     sctp(w.pod, 40000, w.vip, 9000).fragment(7, 0, true).build(),
                     kDrop,
                     {},
                     "rewrite_failed"}}});
}

}  // namespace

void add_service_cases(std::vector<Case>& cases, const World& w) {
  add_source_range_cases(cases, w);
  add_wildcard_cases(cases, w);
  add_drain_cases(cases, w);
  add_udp_drain_cases(cases, w);
  add_sctp_cases(cases, w);
}

}  // namespace skiff::testing
