// SPDX-License-Identifier: Apache-2.0
// Packets that are right and rare: options, extension headers, strays, fragments out of order,
// sizes at an edge.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

using Service = Harness::Service;

constexpr uint8_t kHopByHop = 0, kRouting = 43, kDestination = 60;

Builder tcp(const char* from, uint16_t sport, const char* to, uint16_t dport,
            uint8_t flags = kSyn) {
  return Builder(from, sport, to, dport).tcp(flags);
}

Frame extended(Frame frame, size_t more) {
  frame.resize(frame.size() + more);
  return frame;
}

// A header option of each family that says nothing.
Builder with_padding(Builder builder, bool v4) {
  if (v4) return builder.ip_options(std::string(8, '\1'));
  return builder.extension(kHopByHop, std::string("\1\4\0\0\0\0", 6));
}

void add_option_cases(std::vector<Case>& cases, const World& w) {
  const auto padded = [&](Builder builder) { return with_padding(std::move(builder), w.v4); };
  const Service local = {.address = w.vip, .port = 80, .backends = {{w.other_pod, 8080}}};
  const Service empty = {.address = w.vip, .port = 81};
  const Service silent = {.address = w.vip, .port = 53, .protocol = 17};
  const auto datagram = Builder(w.pod, 40000, w.vip, 53).udp().payload("hello");
  cases.push_back(
      {"options and extension headers stay as they are",
       {local, empty, silent},
       {{kFromPod, padded(tcp(w.pod, 40000, w.vip, 80)).build(), kRedirect,
         into_other_pod(padded(tcp(w.pod, 40000, w.other_pod, 8080))).build()},
        {kFromPod, padded(tcp(w.pod, 40000, w.other_pod, 80)).build(), kRedirect,
         into_other_pod(padded(tcp(w.pod, 40000, w.other_pod, 80))).build()},
        // The answer is of our own make, and has none.
        {kFromPod, padded(Builder(w.pod, 40000, w.vip, 81).tcp(kSyn, 77)).build(), kRedirect,
         back(Builder(w.vip, 81, w.pod, 40000).tcp(kRst | kAck, 0, 78).dont_fragment()).build(),
         "no_endpoints"},
        // What Ethernet pads short frames with is not acknowledged.
        {kFromPod, extended(Builder(w.pod, 40000, w.vip, 81).tcp(kSyn, 77).build(), 6), kRedirect,
         back(Builder(w.vip, 81, w.pod, 40000).tcp(kRst | kAck, 0, 78).dont_fragment()).build(),
         "no_endpoints"},
        // An error would have to quote more than it has room for.
        {kFromPod, padded(datagram).build(), kDrop, {}, "no_endpoints"}}});
  cases.push_back(
      {"a first fragment with options finds its Service, and so do the others",
       {{.address = w.vip, .port = 53, .protocol = 17, .backends = {{w.other_pod, 5353}}}},
       {{kFromPod,
         padded(Builder(w.pod, 40000, w.vip, 53).udp().payload("12345678").fragment(9, 0, true))
             .build(),
         kRedirect,
         into_other_pod(padded(Builder(w.pod, 40000, w.other_pod, 5353)
                                   .udp()
                                   .payload("12345678")
                                   .fragment(9, 0, true)))
             .build()},
        {kFromPod,
         padded(Builder(w.pod, 0, w.vip, 0).udp().payload("the rest").fragment(9, 16, false))
             .build(),
         kRedirect,
         into_other_pod(padded(Builder(w.pod, 0, w.other_pod, 0)
                                   .udp()
                                   .payload("the rest")
                                   .fragment(9, 16, false)))
             .build()}}});
}

void add_extension_cases(std::vector<Case>& cases, const World& w) {
  const std::string body("\1\4\0\0\0\0", 6), longer = body + std::string(16, '\0');
  const auto chain = [&](Builder builder, int headers) {
    builder.extension(kHopByHop, body);
    if (headers > 1) builder.extension(kDestination, longer);
    if (headers > 2) builder.extension(kRouting, body);
    for (int i = 3; i < headers; ++i) builder.extension(kDestination, body);
    return builder;
  };
  const Service local = {.address = w.vip, .port = 80, .backends = {{w.other_pod, 8080}}};
  std::vector<Step> steps;
  for (const int headers : {1, 2, 3, 6})
    steps.push_back({kFromPod, chain(tcp(w.pod, 40000, w.vip, 80), headers).build(), kRedirect,
                     into_other_pod(chain(tcp(w.pod, 40000, w.other_pod, 8080), headers)).build()});
  cases.push_back({"chains of up to six extension headers", {local}, steps});
  cases.push_back(
      {"longer chains are nobody's honest traffic",
       {local},
       {{kFromPod, chain(tcp(w.pod, 40000, w.vip, 80), 7).build(), kDrop, {}, "bad_header"}}});
  const Frame cut = chain(tcp(w.pod, 40000, w.vip, 80), 3).build();
  cases.push_back({"a chain that ends with the packet is dropped",
                   {local},
                   {{kFromPod, truncated(cut, 14 + 40 + 10), kDrop, {}, "truncated"}}});
}

// kubernetes/kubernetes#74839: a spurious segment that is not translated reaches the client from an
// address it knows nothing of; the client's reset then ends the connection at the server.
void add_stray_cases(std::vector<Case>& cases, const World& w) {
  const auto segment = [](const char* from, uint16_t sport, const char* to, uint16_t dport,
                          uint8_t flags, uint32_t sequence) {
    return Builder(from, sport, to, dport).tcp(flags, sequence, 7).payload("again");
  };
  const Step opens = {kFromPod, tcp(w.pod, 40000, w.vip, 80).build(), kRedirect,
                      to_router(tcp(w.pod, 40000, w.remote_pod, 8080)).build()};
  const auto answer = [&](uint8_t flags, uint32_t sequence) {
    return Step{kFromDevice, segment(w.remote_pod, 8080, w.pod, 40000, flags, sequence).build(),
                kRedirect, into_pod(segment(w.vip, 80, w.pod, 40000, flags, sequence)).build()};
  };
  const auto request = [&](uint8_t flags, uint32_t sequence) {
    return Step{kFromPod, segment(w.pod, 40000, w.vip, 80, flags, sequence).build(), kRedirect,
                to_router(segment(w.pod, 40000, w.remote_pod, 8080, flags, sequence)).build()};
  };
  cases.push_back(
      {"spurious retransmits are the Service's, whatever their numbers, also when all is over",
       {{.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}}},
       {opens, answer(kSyn | kAck, 1), request(kAck, 1000), answer(kAck, 0x80000000),
        answer(kAck, 1), answer(kFin | kAck, 6), request(kFin | kAck, 1005), answer(kFin | kAck, 6),
        answer(kAck, 1), request(kRst, 1006), answer(kAck, 1)}});
  cases.push_back(
      {"nothing of a stray segment of no flow is ours to answer",
       {},
       {{kFromDevice, segment(w.remote_pod, 8080, w.pod, 40000, kAck, 1).build(), kRedirect,
         into_pod(segment(w.remote_pod, 8080, w.pod, 40000, kAck, 1)).build()},
        {kFromPod, segment(w.pod, 40000, w.remote_pod, 8080, kRst, 7).build(), kRedirect,
         to_router(segment(w.pod, 40000, w.remote_pod, 8080, kRst, 7)).build()}}});
}

void add_fragment_order_cases(std::vector<Case>& cases, const World& w) {
  const auto first = [](Builder builder) {
    return builder.udp().payload("12345678abcdefgh").fragment(55, 0, true);
  };
  const auto later = [](Builder builder, uint16_t offset, bool more) {
    return builder.udp().payload("the rest").fragment(55, offset, more);
  };
  const auto follows = [&](uint16_t offset, bool more) {
    return Step{kFromPod, later(Builder(w.pod, 0, w.vip, 0), offset, more).build(), kRedirect,
                into_other_pod(later(Builder(w.pod, 0, w.other_pod, 0), offset, more)).build()};
  };
  const Step opens = {kFromPod, first(Builder(w.pod, 40000, w.vip, 53)).build(), kRedirect,
                      into_other_pod(first(Builder(w.pod, 40000, w.other_pod, 5353))).build()};
  Step early = follows(24, true);
  early.verdict = kDrop;
  early.reason = "unknown_fragment";
  cases.push_back(
      {"fragments of a datagram to a Service come in any order once the first has been seen",
       {{.address = w.vip, .port = 53, .protocol = 17, .backends = {{w.other_pod, 5353}}}},
       {early, opens, follows(32, false), follows(24, true), opens, follows(24, true)}});
}

void add_size_cases(std::vector<Case>& cases, const World& w) {
  const Service service = {
      .address = w.vip, .port = 53, .protocol = 17, .backends = {{w.other_pod, 5353}}};
  std::vector<Step> steps;
  const size_t headers = 14 + (w.v4 ? 20 : 40) + 8;
  for (const size_t length : {headers, headers + 1, size_t{255}, size_t{256}, size_t{511},
                              size_t{512}, size_t{1513}, size_t{1514}}) {
    const auto datagram = [&](const char* to, uint16_t port) {
      return Builder(w.pod, 40000, to, port).udp().payload(std::string(length - headers, 'x'));
    };
    steps.push_back({kFromPod, datagram(w.vip, 53).build(), kRedirect,
                     into_other_pod(datagram(w.other_pod, 5353)).build()});
  }
  cases.push_back({"datagrams of every length at an edge", {service}, steps});
  const auto marked = [&](const char* to, uint16_t port) {
    Builder builder(w.pod, 40000, to, port);
    builder.udp().payload("hello").traffic_class(0xb9);
    return w.v4 ? builder.no_checksum() : builder;
  };
  cases.push_back({"the traffic class goes along, and no checksum stays none",
                   {service},
                   {{kFromPod, marked(w.vip, 53).build(), kRedirect,
                     into_other_pod(marked(w.other_pod, 5353)).build()}}});
}

void add_protocol_cases(std::vector<Case>& cases, const World& w) {
  // IP in IP, as far as it is looked at: some bytes of a protocol without ports.
  const auto inside = [&](const char* to) {
    Frame frame = Builder(w.pod, 0, to, 0).udp().payload("an inner packet").build();
    frame[14 + (w.v4 ? 9 : 6)] = w.v4 ? 4 : 41;
    return frame;
  };
  Frame delivered =
      into_other_pod(Builder(w.pod, 0, w.other_pod, 0).udp().payload("an inner packet")).build();
  const Frame before = inside(w.other_pod);
  delivered[14 + (w.v4 ? 9 : 6)] = before[14 + (w.v4 ? 9 : 6)];
  cases.push_back({"what has no ports is delivered and not translated",
                   {{.address = w.vip, .port = 80, .backends = {{w.pod, 8080}}}},
                   {{kFromPod, before, kRedirect, delivered}}});
  const auto sctp = [](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return Builder(from, sport, to, dport).sctp().payload("chunk");
  };
  cases.push_back({"a pod that is its own backend, by SCTP",
                   {{.address = w.vip, .port = 9000, .protocol = 132, .backends = {{w.pod, 9999}}}},
                   {{kFromPod, sctp(w.pod, 40000, w.vip, 9000).build(), kRedirect,
                     into_pod(sctp(w.vip, 61000, w.pod, 9999)).build()},
                    {kFromPod, sctp(w.pod, 9999, w.vip, 61000).build(), kRedirect,
                     into_pod(sctp(w.vip, 9000, w.pod, 40000)).build()}}});
}

}  // namespace

void add_edge_cases(std::vector<Case>& cases, const World& w) {
  add_option_cases(cases, w);
  if (!w.v4) add_extension_cases(cases, w);
  add_stray_cases(cases, w);
  add_fragment_order_cases(cases, w);
  add_size_cases(cases, w);
  add_protocol_cases(cases, w);
}

}  // namespace skiff::testing
