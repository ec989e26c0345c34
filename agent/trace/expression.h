// SPDX-License-Identifier: Apache-2.0
// Which packets, in words: "pod shop/web-1 and tcp port 80", "src net 10.244.0.0/24 or not udp".
// What `skiff trace` and `skiff capture` are told; a subset of what tcpdump understands, with pods
// and Services. Pure.
//
//   expression  term { or term }
//   term        factor { [and] factor }
//   factor      not factor | ( expression ) | primitive
//   primitive   [src|dst] [host] ADDRESS | [src|dst] [net] CIDR | [src|dst] port NUMBER
//             | [src|dst] pod [NAMESPACE/]NAME | [src|dst] svc [NAMESPACE/]NAME
//             | tcp | udp | sctp | icmp | icmp6 | proto NUMBER | ip | ip6 | dropped
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/trace/taps.h"
#include "base/ip.h"
#include "base/result.h"

namespace skiff::trace {

struct Expression {
  enum class Kind : uint8_t {
    kAll,
    kAnd,
    kOr,
    kNot,
    kAddress,
    kPort,
    kProtocol,
    kFamily,
    kDropped,
    kPod,
    kService
  };
  enum class End : uint8_t { kEither, kSource, kDestination };

  Kind kind = Kind::kAll;
  End end = End::kEither;
  Cidr range;            // kAddress
  uint16_t port = 0;     // kPort
  uint8_t protocol = 0;  // kProtocol
  bool v4 = false;       // kFamily
  std::string name;      // kPod, kService: as written
  std::vector<Expression> parts;

  bool operator==(const Expression&) const = default;
};

// The protocols that have a word of their own.
inline constexpr std::pair<std::string_view, uint8_t> kProtocolWords[] = {
    {"tcp", IPPROTO_TCP},
    {"udp", IPPROTO_UDP},
    {"sctp", IPPROTO_SCTP},
    {"icmp", IPPROTO_ICMP},
    {"icmp6", IPPROTO_ICMPV6}};

// Empty text: all. INVALID_ARGUMENT says at which word it went wrong and what would be right.
Result<Expression> parse_expression(std::string_view text);
// Reads back as the same.
std::string to_string(const Expression& expression);

// Packets as expressions see them.
struct PacketEnds {
  IpAddress source, destination;
  uint16_t source_port = 0, destination_port = 0;
  uint8_t protocol = 0;
  bool dropped = false;
};
// Names match nothing: resolve them before.
bool matches(const Expression& expression, const PacketEnds& packet);

// The addresses behind a pod or Service. Services have ports, pods have not (0).
struct NamedEnd {
  IpAddress address;
  uint16_t port = 0;
};
using NameResolver =
    std::function<Result<std::vector<NamedEnd>>(Expression::Kind kind, const std::string& name)>;
// Names replaced by what they stand for.
Result<Expression> resolve(const Expression& expression, const NameResolver& resolver);

// Taps that let through at least what matches, at most `most`; what they let through must be
// matched again.
std::vector<TapSpec> widen(const Expression& expression, size_t most = 4);

}  // namespace skiff::trace
