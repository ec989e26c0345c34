// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/ports.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>

#include <algorithm>

namespace skiff::policy {
namespace {

constexpr uint32_t kSetBits = 32 + 16;  // set, protocol, eight bits of zero
constexpr uint32_t kPorts = 1 << 16;

const char* protocol_name(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_UDP:
      return "UDP";
    case IPPROTO_SCTP:
      return "SCTP";
    default:
      return "TCP";
  }
}

std::string text_of(const PortSpan& span) {
  const char* protocol = protocol_name(span.protocol);
  if (span.last - span.first >= 65534) return fmt::format("{} all ports", protocol);
  if (span.first == span.last) return fmt::format("{} {}", protocol, span.first);
  return fmt::format("{} {}-{}", protocol, span.first, span.last);
}

}  // namespace

void Ports::add(const Ports& other) {
  all = all || other.all;
  spans.insert(spans.end(), other.spans.begin(), other.spans.end());
}

void Ports::normalize() {
  if (all) spans.clear();
  std::ranges::sort(spans);
  std::vector<PortSpan> joined;
  for (const PortSpan& span : spans) {
    if (!joined.empty() && joined.back().protocol == span.protocol &&
        span.first <= static_cast<uint32_t>(joined.back().last) + 1)
      joined.back().last = std::max(joined.back().last, span.last);
    else
      joined.push_back(span);
  }
  spans = std::move(joined);
}

std::string Ports::to_string() const {
  if (all) return "everything";
  if (spans.empty()) return "nothing";
  std::vector<std::string> texts;
  for (const PortSpan& span : spans) texts.push_back(text_of(span));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<datapath::PolicyPortKey> port_keys(uint32_t set, const Ports& ports) {
  std::vector<datapath::PolicyPortKey> keys;
  for (const PortSpan& span : ports.spans) {
    // The largest block of ports that begins at `at` and ends in the span, again and again.
    for (uint32_t at = span.first; at <= span.last;) {
      uint32_t size = at == 0 ? kPorts : at & -at;
      while (at + size - 1 > span.last) size /= 2;
      const auto bits = static_cast<uint32_t>(16 - __builtin_ctz(size));
      keys.push_back({.prefix_bits = kSetBits + bits,
                      .set = set,
                      .protocol = span.protocol,
                      .pad = 0,
                      .port = datapath::port_be(static_cast<uint16_t>(at))});
      at += size;
    }
  }
  return keys;
}

}  // namespace skiff::policy
