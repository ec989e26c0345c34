// SPDX-License-Identifier: Apache-2.0
// Packets that cannot go on: too big, out of order, without a way, or through tables that are full.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

using Service = Harness::Service;

const std::string kLarge(1600, 'x');

Builder large(const char* from, uint16_t sport, const char* to, uint16_t dport) {
  return Builder(from, sport, to, dport).tcp(kAck).payload(kLarge).dont_fragment();
}

// Errors about quoted TCP compare byte by byte: its first eight bytes hold no checksum.
void add_too_big_cases(std::vector<Case>& cases, const World& w) {
  const auto error = [&](const char* from, const char* to, const Frame& quoted) {
    return back(Builder(from, 0, to, 0)
                    .dont_fragment()
                    .icmp_error(w.v4 ? 3 : 2, w.v4 ? 4 : 0, quoted, 1500))
        .build();
  };
  const Frame from_pod = large(w.pod, 40000, w.vip, 80).build();
  const Frame from_outside = large(w.outside, 5000, w.node, 30080).build();
  const Frame answer = large(w.pod, 8080, w.outside, 5000).build();
  cases.push_back({"a packet too big for the way to its backend is answered about the Service",
                   {{.address = w.vip, .port = 80, .backends = {{w.remote_pod, 8080}}}},
                   {{kFromPod, from_pod, kRedirect, error(w.vip, w.pod, from_pod), "too_big"}}});
  cases.push_back({"also where the client is behind the node's address",
                   {{.port = 30080, .backends = {{w.remote_pod, 8080}}}},
                   {{kFromDevice, from_outside, kRedirect, error(w.node, w.outside, from_outside),
                     "too_big"}}});
  cases.push_back({"and about an answer that is too big for the way to the client",
                   {{.port = 30080, .backends = {{w.pod, 8080}}}},
                   {{kFromDevice, Builder(w.outside, 5000, w.node, 30080).tcp(kSyn).build(),
                     kRedirect, into_pod(Builder(w.outside, 5000, w.pod, 8080).tcp(kSyn)).build()},
                    {kFromPod, answer, kRedirect, error(w.outside, w.pod, answer), "too_big"}}});
  cases.push_back({"a packet too big that is not translated is the stack's business",
                   {},
                   {{kFromPod, large(w.pod, 40000, w.remote_pod, 80).build(), kPass, {}}}});
}

void add_no_way_cases(std::vector<Case>& cases, const World& w) {
  const char* nowhere = w.v4 ? "10.244.9.9" : "fd00:10:244:9::9";
  const Frame syn = Builder(w.pod, 40000, w.vip, 80).tcp(kSyn).build();
  cases.push_back({"a backend that routes say no to: host unreachable",
                   {{.address = w.vip, .port = 80, .backends = {{nowhere, 8080}}}},
                   {{kFromPod, syn, kRedirect,
                     back(Builder(w.vip, 0, w.pod, 0)
                              .dont_fragment()
                              .icmp_error(w.v4 ? 3 : 1, w.v4 ? 1 : 0, syn))
                         .build(),
                     "no_route"}}});
  cases.push_back({"a translated packet at the end of its life is dropped",
                   {{.address = w.vip, .port = 80, .backends = {{w.other_pod, 8080}}}},
                   {{kFromPod,
                     Builder(w.pod, 40000, w.vip, 80).tcp(kSyn).hop_limit(1).build(),
                     kDrop,
                     {},
                     "hop_limit"}}});
  cases.push_back({"a frontend that names a backend outside the array drops",
                   {},
                   {{kFromPod, syn, kDrop, {}, "backend_missing", false, [=](Harness& node) {
                       RETURN_IF_ERROR(node.add_service({.address = w.vip, .port = 80}));
                       return node.maps().frontends->put(
                           {.address = datapath::to_abi(IpAddress::parse(w.vip).value()),
                            .port = datapath::port_be(80),
                            .protocol = 6},
                           {.service_id = 1, .base = 0xfffffff0, .count = 1});
                     }}}});
  const auto hide_behind_nothing = [](Harness& node) { return node.set_device_addresses(false); };
  const auto hide_again = [](Harness& node) { return node.set_device_addresses(true); };
  const Frame out = Builder(w.pod, 40000, w.outside, 443).tcp(kSyn).build();
  cases.push_back(
      {"a device without an address hides nobody",
       {},
       {{kToDevice, out, kDrop, {}, "no_snat_address", false, hide_behind_nothing},
        {kToDevice, out, kPass, Builder(w.node, 61000, w.outside, 443).tcp(kSyn).build(), "", false,
         hide_again}}});
}

void add_bad_packet_cases(std::vector<Case>& cases, const World& w) {
  Frame version = Builder(w.pod, 1, w.other_pod, 2).tcp(kSyn).build();
  version[14] = w.v4 ? 0x43 : 0x50;  // v4: a header of 12 bytes; v6: version 5
  cases.push_back({"an IP header that contradicts itself is dropped",
                   {},
                   {{kFromPod, version, kDrop, {}, "bad_header"}}});
}

void add_lone_fragment_cases(std::vector<Case>& cases, const World& w) {
  const auto later = [](const char* from, const char* to) {
    return Builder(from, 0, to, 0).udp().payload("the rest").fragment(99, 24, false).build();
  };
  const Service service = {
      .address = w.vip, .port = 53, .protocol = 17, .backends = {{w.other_pod, 5353}}};
  cases.push_back({"a later fragment before its first is dropped by name",
                   {service},
                   {{kFromPod, later(w.pod, w.vip), kDrop, {}, "unknown_fragment"},
                    {kFromDevice, later(w.outside, w.vip), kDrop, {}, "unknown_fragment"},
                    {kToDevice, later(w.pod, w.outside), kDrop, {}, "unknown_fragment"}}});
  cases.push_back(
      {"but between pods fragments come in any order",
       {},
       {{kFromPod, later(w.pod, w.other_pod), kRedirect,
         into_other_pod(
             Builder(w.pod, 0, w.other_pod, 0).udp().payload("the rest").fragment(99, 24, false))
             .build()}}});
  const auto first = [](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return Builder(from, sport, to, dport).udp().payload("12345678abcdefgh").fragment(77, 0, true);
  };
  const auto rest = [](const char* from, const char* to) {
    return Builder(from, 0, to, 0).udp().payload("the rest").fragment(77, 24, false);
  };
  cases.push_back(
      {"fragments go out to the world and their answer comes back in fragments",
       {},
       {{kToDevice, first(w.pod, 40000, w.outside, 53).build(), kPass,
         first(w.node, 61000, w.outside, 53).build()},
        {kToDevice, rest(w.pod, w.outside).build(), kPass, rest(w.node, w.outside).build()},
        {kFromDevice, first(w.outside, 53, w.node, 61000).build(), kRedirect,
         into_pod(first(w.outside, 53, w.pod, 40000)).build()},
        {kFromDevice, rest(w.outside, w.node).build(), kRedirect,
         into_pod(rest(w.outside, w.pod)).build()}}});
}

// Errors about packets that were translated twice, and about pings.
void add_icmp_cases(std::vector<Case>& cases, const World& w) {
  const uint8_t type = w.v4 ? 11 : 3;  // hop limit exceeded
  const auto tcp = [](const char* from, uint16_t sport, const char* to, uint16_t dport) {
    return Builder(from, sport, to, dport).tcp(kSyn).build();
  };
  const auto error = [=](const char* from, const char* to, const Frame& quoted) {
    return Builder(from, 0, to, 0).icmp_error(type, 0, quoted);
  };
  cases.push_back(
      {"an error about a Service whose endpoint is outside is undone twice",
       {{.address = w.vip, .port = 80, .backends = {{w.endpoint, 8080}}}},
       {{kFromPod, tcp(w.pod, 40000, w.vip, 80), kRedirect,
         to_router(Builder(w.pod, 40000, w.endpoint, 8080).tcp(kSyn)).build()},
        {kToDevice, tcp(w.pod, 40000, w.endpoint, 8080), kPass,
         tcp(w.node, 61000, w.endpoint, 8080)},
        {kFromDevice, error(w.outside, w.node, tcp(w.node, 61000, w.endpoint, 8080)).build(),
         kRedirect, into_pod(error(w.outside, w.pod, tcp(w.pod, 40000, w.vip, 80))).build()}}});
  // The checksum inside the quotation stays that of what was sent: nobody checks it.
  const Frame sent = Builder(w.node, 0, w.outside, 0).echo_request(61000).build();
  Frame asked = Builder(w.pod, 0, w.outside, 0).echo_request(7).build();
  const size_t checksum = 14 + (w.v4 ? 20 : 40) + 2;
  std::copy_n(sent.begin() + static_cast<long>(checksum), 2,
              asked.begin() + static_cast<long>(checksum));
  cases.push_back(
      {"traceroute by ping: an error about an echo finds the pod that asked",
       {},
       {{kToDevice, Builder(w.pod, 0, w.outside, 0).echo_request(7).build(), kPass, sent},
        {kFromDevice, error(w.endpoint, w.node, sent).build(), kRedirect,
         into_pod(error(w.endpoint, w.pod, asked)).build()}}});
}

// The connection goes on among the new ones, and the counter says so.
void add_full_table_cases(std::vector<Case>& cases, const World& w) {
  const auto fill = [](Harness& node) { return fill_flows(*node.maps().flows); };
  const auto tcp = [](const char* from, uint16_t sport, const char* to, uint16_t dport,
                      uint8_t flags) { return Builder(from, sport, to, dport).tcp(flags); };
  const Step answers = {kFromPod, tcp(w.pod, 8080, w.outside, 5000, kSyn | kAck).build(), kRedirect,
                        to_router(tcp(w.node, 30080, w.outside, 5000, kSyn | kAck)).build()};
  const auto asks = [&](uint8_t flags, const char* reason) {
    return Step{kFromDevice, tcp(w.outside, 5000, w.node, 30080, flags).build(), kRedirect,
                into_pod(tcp(w.outside, 5000, w.pod, 8080, flags)).build(), reason};
  };
  Step opens = asks(kSyn, "");
  opens.before = fill;
  cases.push_back({"a full table is counted and serves",
                   {{.port = 30080, .backends = {{w.pod, 8080}}}},
                   {opens, answers, asks(kAck, "flow_table_full"), answers}});
}

}  // namespace

void add_refused_packet_cases(std::vector<Case>& cases, const World& w) {
  add_too_big_cases(cases, w);
  add_no_way_cases(cases, w);
  add_bad_packet_cases(cases, w);
  add_lone_fragment_cases(cases, w);
  add_icmp_cases(cases, w);
  add_full_table_cases(cases, w);
}

}  // namespace skiff::testing
