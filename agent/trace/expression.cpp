// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/expression.h"

#include <algorithm>

#include "agent/trace/record.h"

namespace skiff::trace {
namespace {

using Op = Expression::Kind;
using End = Expression::End;

std::string end_text(End end) {
  if (end == End::kSource) return "src ";
  return end == End::kDestination ? "dst " : "";
}

std::string protocol_text(uint8_t protocol) {
  for (const auto& [word, number] : kProtocolWords)
    if (number == protocol) return std::string(word);
  return fmt::format("proto {}", protocol);
}

std::string joined(const Expression& expression, const char* between) {
  std::string text;
  for (const Expression& part : expression.parts) {
    if (!text.empty()) text += between;
    text += to_string(part);
  }
  return "(" + text + ")";
}

bool at_end(End end, bool source, bool destination) {
  if (end == End::kSource) return source;
  return end == End::kDestination ? destination : source || destination;
}

bool has_ends(const TapSpec& spec) {
  return spec.source || spec.destination || spec.source_port != 0 || spec.destination_port != 0;
}

void narrow(std::optional<Cidr>& range, const std::optional<Cidr>& other) {
  if (other && (!range || other->mapped_prefix() > range->mapped_prefix())) range = other;
}

// What both let through, or more. Ends that may be on either side cannot be put together: the more
// telling one stays.
TapSpec merge(TapSpec a, TapSpec b) {
  if (a.both_ways && has_ends(a) && !b.both_ways) std::swap(a, b);
  if (!has_ends(a)) {
    std::swap(a, b);
  } else if (!a.both_ways && !b.both_ways) {
    narrow(a.source, b.source);
    narrow(a.destination, b.destination);
    if (a.source_port == 0) a.source_port = b.source_port;
    if (a.destination_port == 0) a.destination_port = b.destination_port;
  } else if (a.both_ways && b.both_ways && b.source &&
             (!a.source || b.source->mapped_prefix() > a.source->mapped_prefix())) {
    std::swap(a, b);
  }
  if (a.protocol == 0) a.protocol = b.protocol;
  a.drops_only = a.drops_only || b.drops_only;
  return a;
}

TapSpec leaf(const Expression& expression) {
  TapSpec spec;
  spec.both_ways = expression.end == End::kEither;
  const bool destination = expression.end == End::kDestination;
  switch (expression.kind) {
    case Op::kAddress:
      (destination ? spec.destination : spec.source) = expression.range;
      break;
    case Op::kPort:
      (destination ? spec.destination_port : spec.source_port) = expression.port;
      break;
    case Op::kProtocol:
      spec.protocol = expression.protocol;
      break;
    case Op::kDropped:
      spec.drops_only = true;
      break;
    default:
      break;
  }
  return spec;
}

std::vector<TapSpec> widen_and(const Expression& expression, size_t most) {
  std::vector<TapSpec> result = {TapSpec{}};
  for (const Expression& part : expression.parts) {
    const std::vector<TapSpec> right = widen(part, most);
    if (result.size() * right.size() > most) continue;  // without it more comes through
    std::vector<TapSpec> product;
    for (const TapSpec& a : result)
      for (const TapSpec& b : right) product.push_back(merge(a, b));
    result = std::move(product);
  }
  return result;
}

Expression end_of(const NamedEnd& named, End end) {
  Expression address{.kind = Op::kAddress, .end = end};
  address.range = Cidr(named.address, named.address.is_v4() ? 32 : 128);
  if (named.port == 0) return address;
  Expression both{.kind = Op::kAnd};
  both.parts.push_back(std::move(address));
  both.parts.push_back({.kind = Op::kPort, .end = end, .port = named.port});
  return both;
}

}  // namespace

std::string to_string(const Expression& expression) {
  const std::string end = end_text(expression.end);
  switch (expression.kind) {
    case Op::kAll:
      return "";
    case Op::kAnd:
      return joined(expression, " and ");
    case Op::kOr:
      return joined(expression, " or ");
    case Op::kNot:
      return "not " + to_string(expression.parts.front());
    case Op::kAddress:
      return fmt::format("{}net {}", end, expression.range.to_string());
    case Op::kPort:
      return fmt::format("{}port {}", end, expression.port);
    case Op::kProtocol:
      return protocol_text(expression.protocol);
    case Op::kFamily:
      return expression.v4 ? "ip" : "ip6";
    case Op::kDropped:
      return "dropped";
    case Op::kPod:
      return fmt::format("{}pod {}", end, expression.name);
    case Op::kService:
      return fmt::format("{}svc {}", end, expression.name);
  }
  return "";
}

bool matches(const Expression& expression, const PacketEnds& packet) {
  const auto one = [&](const Expression& part) { return matches(part, packet); };
  switch (expression.kind) {
    case Op::kAll:
      return true;
    case Op::kAnd:
      return std::ranges::all_of(expression.parts, one);
    case Op::kOr:
      return std::ranges::any_of(expression.parts, one);
    case Op::kNot:
      return !one(expression.parts.front());
    case Op::kAddress:
      return at_end(expression.end, expression.range.contains(packet.source),
                    expression.range.contains(packet.destination));
    case Op::kPort:
      return at_end(expression.end, packet.source_port == expression.port,
                    packet.destination_port == expression.port);
    case Op::kProtocol:
      return packet.protocol == expression.protocol;
    case Op::kFamily:
      return packet.source.is_v4() == expression.v4;
    case Op::kDropped:
      return packet.dropped;
    case Op::kPod:
    case Op::kService:
      return false;
  }
  return false;
}

Result<Expression> resolve(const Expression& expression, const NameResolver& resolver) {
  if (expression.kind == Op::kPod || expression.kind == Op::kService) {
    ASSIGN_OR_RETURN(const std::vector<NamedEnd> ends, resolver(expression.kind, expression.name));
    if (ends.empty()) return not_found("\"{}\" has no address", to_string(expression));
    if (ends.size() == 1) return end_of(ends.front(), expression.end);
    Expression any{.kind = Op::kOr};
    for (const NamedEnd& one : ends) any.parts.push_back(end_of(one, expression.end));
    return any;
  }
  Expression resolved = expression;
  for (Expression& part : resolved.parts) {
    ASSIGN_OR_RETURN(part, resolve(part, resolver));
  }
  return resolved;
}

std::vector<TapSpec> widen(const Expression& expression, size_t most) {
  if (expression.kind == Op::kAnd) return widen_and(expression, most);
  if (expression.kind != Op::kOr) return {leaf(expression)};
  std::vector<TapSpec> any;
  for (const Expression& part : expression.parts)
    for (TapSpec& spec : widen(part, most)) any.push_back(std::move(spec));
  if (any.size() > most) return {TapSpec{}};
  return any;
}

}  // namespace skiff::trace
