// SPDX-License-Identifier: Apache-2.0
// A pod that pretends to be somebody else, or a router.
#include "tests/bpf/world.h"

namespace skiff::testing {

namespace {

constexpr datapath::MacAddress kGateway{0x02, 0, 0, 0, 0, 0xd0};

// An ICMP message of any type: an echo request whose type is changed. The programs check no sums.
Frame icmp(const World& w, const char* source, const char* destination, uint8_t type,
           std::string_view body) {
  Frame frame = Builder(source, 0, destination, 0).echo_request(0).payload(body).build();
  frame[14 + (w.v4 ? 20 : 40)] = type;
  return frame;
}

Frame arp(std::string_view sender, const datapath::MacAddress& mac) {
  const auto address = IpAddress::parse(sender).value().bytes();
  Frame frame(14 + 28);
  std::ranges::copy(Harness::kPodMac, frame.begin() + 6);
  frame[12] = 0x08, frame[13] = 0x06;
  std::ranges::copy(mac, frame.begin() + 14 + 8);
  std::copy_n(address.begin() + 12, 4, frame.begin() + 14 + 14);
  return frame;
}

std::string bytes_of(std::string_view address) {
  const auto bytes = IpAddress::parse(address).value().bytes();
  return {bytes.begin(), bytes.end()};
}

Step dropped(Frame frame, const char* reason) {
  return {kFromPod, std::move(frame), kDrop, {}, reason};
}
Step passes(Frame frame) {
  return {kFromPod, std::move(frame), kPass, {}};
}

void add_source_cases(std::vector<Case>& cases, const World& w) {
  const auto syn = [&](const datapath::MacAddress& source) {
    return Builder(w.pod, 1, w.other_pod, 2).macs(kGateway, source).tcp(kSyn).build();
  };
  cases.push_back({"a pod sends from its own MAC address",
                   {},
                   {{kFromPod, syn(Harness::kPodMac), kRedirect,
                     into_other_pod(Builder(w.pod, 1, w.other_pod, 2).tcp(kSyn)).build()},
                    dropped(syn(Harness::kOtherPodMac), "bad_mac")}});
  const char* everybody = w.v4 ? "224.0.0.1" : "ff02::1";
  cases.push_back({"a pod sends from its own addresses, also to everybody",
                   {},
                   {dropped(Builder(w.other_pod, 1, everybody, 2).udp().build(), "bad_source")}});
}

void add_arp_cases(std::vector<Case>& cases, const World& w) {
  cases.push_back({"a pod answers ARP for itself only",
                   {},
                   {passes(arp(w.pod, Harness::kPodMac)), passes(arp("0.0.0.0", Harness::kPodMac)),
                    dropped(arp(w.pod, Harness::kOtherPodMac), "bad_neighbour"),
                    dropped(arp("10.89.0.1", Harness::kPodMac), "bad_neighbour")}});
  cases.push_back({"a pod of IPv4 is no router",
                   {},
                   {dropped(icmp(w, w.pod, w.node, 5, "12345678"), "pod_router"),
                    dropped(icmp(w, w.pod, "224.0.0.1", 9, "12345678"), "pod_router")}});
}

void add_nd_cases(std::vector<Case>& cases, const World& w) {
  const auto advertise = [&](const char* from, const char* to, const char* about) {
    return icmp(w, from, to, 136, bytes_of(about));
  };
  cases.push_back({"a pod advertises itself only",
                   {},
                   {passes(advertise("fe80::5", "fe80::1", "fe80::5")),
                    passes(advertise(w.pod, "fe80::1", w.pod)),
                    passes(icmp(w, "fe80::5", "ff02::1:ff00:1", 135, bytes_of("fe80::1"))),
                    dropped(advertise("fe80::5", "ff02::1", "fd00:10:89::1"), "bad_neighbour"),
                    dropped(advertise(w.pod, "fe80::1", w.other_pod), "bad_neighbour")}});
  cases.push_back({"a pod of IPv6 is no router",
                   {},
                   {dropped(icmp(w, "fe80::5", "ff02::1", 134, "12345678"), "pod_router"),
                    dropped(icmp(w, "fe80::5", "fe80::1", 137, "12345678"), "pod_router"),
                    dropped(icmp(w, w.pod, w.node, 137, "12345678"), "pod_router")}});
}

}  // namespace

void add_neighbour_cases(std::vector<Case>& cases, const World& w) {
  add_source_cases(cases, w);
  if (w.v4)
    add_arp_cases(cases, w);
  else
    add_nd_cases(cases, w);
}

}  // namespace skiff::testing
