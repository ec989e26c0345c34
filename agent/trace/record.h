// SPDX-License-Identifier: Apache-2.0
// What happened to a flow, in names: the one thing every output of tracing is made of.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"

namespace skiff::trace {

enum class Kind : uint8_t {
  kNew,            // first packet of a flow
  kClosed,         // both sides finished, or one reset it: packets, bytes and age are final
  kTranslated,     // a socket asked for a Service and got a backend; there is no packet yet
  kRefused,        // answered: reset, ICMP error, ECONNREFUSED
  kDropped,        // by skiff's programs
  kKernelDropped,  // by the kernel
  kDns             // a question to the node's DNS, answered
};

enum class Verdict : uint8_t { kForwarded, kTranslated, kRefused, kDropped };

// Where a packet went from the hook that told of its flow.
enum class Exit : uint8_t { kUnknown, kPod, kHost, kStack, kOverlay, kNetwork };

enum class Direction : uint8_t { kUnknown, kIngress, kEgress };  // as seen by the pod of this node

// Who an address belongs to. Immutable, shared between records.
struct Identity {
  enum class Kind : uint8_t { kPod, kNode, kWorld };
  Kind kind = Kind::kWorld;
  std::string namespace_;  // of a pod
  std::string name;        // of the pod or node
  std::string workload_kind;
  std::string workload;
  std::string node;  // the pod's; empty: unknown
  std::map<std::string, std::string> labels;
  bool gone = false;  // deleted; remembered for a while so that late events have a name
};

struct ServicePort {
  std::string namespace_;
  std::string name;
  std::string port_name;
};

// NetworkPolicies by "namespace/name": the one that allows a flow, or, of a flow that was denied,
// those that isolate the pod.
struct PolicyNames {
  std::vector<std::string> egress;   // of the client
  std::vector<std::string> ingress;  // of the server

  bool operator==(const PolicyNames&) const = default;
};

// What was asked of the node's DNS.
struct DnsExchange {
  std::string name;  // "web.shop.svc.cluster.local."
  std::string type;  // "A"
  std::string rcode;
  std::vector<IpAddress> addresses;
  bool forwarded = false;
  Duration took{};

  bool operator==(const DnsExchange&) const = default;
};

// One end of a flow. `who` is null where nothing is known of the address.
struct Peer {
  IpAddress address;  // unspecified: not known (the source, at a socket)
  uint16_t port = 0;
  std::shared_ptr<const Identity> who;
};

struct FlowRecord {
  TimePoint time;
  uint64_t id = 0;  // of the flow: the same in every record of it, in both directions
  std::string node;
  Kind kind = Kind::kNew;
  Verdict verdict = Verdict::kForwarded;
  uint8_t reason_code = 0;  // enum skiff_reason; 0 also for drops of the kernel
  std::string reason;       // label of bpf/abi/reason.h, or the kernel's NAME; empty: none
  std::string place;        // "from_pod", "socket"; for the kernel "nft_do_chain+0x3e8"
  uint8_t hook = 0;         // enum skiff_trace_hook
  uint8_t lb_code = 0;      // enum skiff_lb_reason
  std::string lb_reason;    // "chosen", "only", "affinity", …; empty: no Service
  PolicyNames policies;     // that decided, of the pods of this node
  uint8_t protocol = 0;     // IPPROTO_*
  uint8_t tcp_flags = 0;    // of the packet this is about
  Direction direction = Direction::kUnknown;
  Exit exit = Exit::kUnknown;
  bool is_reply = false;
  bool masqueraded = false;
  std::string interface;  // name of the device, or the pod's "eth0"
  uint32_t ifindex = 0;
  std::string
      pod_here;  // "namespace/name" of the pod whose device or namespace it is; may be empty

  Peer client;                                 // original.source
  Peer asked;                                  // original.destination: a Service's address, or the
                                               // server itself
  std::shared_ptr<const ServicePort> service;  // null: no Service is in the way
  Peer sender;   // translated.source: the client again, unless it is hidden
  Peer backend;  // translated.destination
  uint64_t socket_cookie = 0;

  std::array<uint64_t, 2> packets{};  // forward, reply: so far
  std::array<uint64_t, 2> bytes{};
  Duration age{};                          // of the flow when this happened
  uint32_t length = 0;                     // of the packet
  uint64_t suppressed = 0;                 // like events the limit held back just before this one
  std::shared_ptr<const DnsExchange> dns;  // kind kDns
  std::vector<std::string> stack;          // kernel drops, on request: "symbol+0x12"
};

using FlowRecordPtr = std::shared_ptr<const FlowRecord>;

std::string_view name_of(Kind kind);        // "new", "closed", …
std::string_view name_of(Verdict verdict);  // "FORWARDED", …
std::string_view name_of(Direction direction);
std::string_view name_of(Exit exit);  // "to-endpoint", as Hubble has it
// Labels of bpf/abi/reason.h and of enum skiff_lb_reason; no reason is an empty one.
std::string reason_label(uint8_t reason);
std::string_view lb_label(uint8_t reason);
std::string protocol_name(uint8_t protocol);  // "TCP", "UDP", "ICMP", "132"
std::string tcp_flag_names(uint8_t flags);    // "SYN, ACK"

// "namespace/pod:port", "node-1:port", "10.0.0.1:port", "[fd00::1]:port"; no port if it is 0.
std::string describe(const Peer& peer);
std::string describe(const ServicePort& service);  // "namespace/name:port_name"

}  // namespace skiff::trace
