// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/filter.h"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace skiff::trace {

namespace {

constexpr Verdict kVerdicts[] = {Verdict::kForwarded, Verdict::kTranslated, Verdict::kRefused,
                                 Verdict::kDropped};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

bool is_pod(const Peer& peer, const std::string& wanted) {
  if (peer.who == nullptr || peer.who->kind != Identity::Kind::kPod) return false;
  const size_t slash = wanted.find('/');
  if (slash == std::string::npos) return peer.who->name.starts_with(wanted);
  return peer.who->namespace_ == wanted.substr(0, slash) &&
         peer.who->name.starts_with(wanted.substr(slash + 1));
}

bool is_service(const FlowRecord& record, const std::string& wanted) {
  if (record.service == nullptr) return false;
  const size_t slash = wanted.find('/');
  if (slash == std::string::npos) return record.service->name == wanted;
  return record.service->namespace_ == wanted.substr(0, slash) &&
         record.service->name == wanted.substr(slash + 1);
}

bool in_namespace(const FlowRecord& record, const std::string& wanted) {
  if (record.service != nullptr && record.service->namespace_ == wanted) return true;
  const auto of = [&](const Peer& peer) {
    return peer.who != nullptr && peer.who->kind == Identity::Kind::kPod &&
           peer.who->namespace_ == wanted;
  };
  return of(record.client) || of(record.asked) || of(record.backend);
}

template <class T, class Holds>
bool any(const std::vector<T>& values, Holds holds) {
  return values.empty() || std::ranges::any_of(values, holds);
}

Result<uint8_t> parse_protocol(std::string_view text) {
  const std::string name = upper(text);
  if (name == "TCP") return IPPROTO_TCP;
  if (name == "UDP") return IPPROTO_UDP;
  if (name == "SCTP") return IPPROTO_SCTP;
  if (name == "ICMP" || name == "ICMPV4") return IPPROTO_ICMP;
  if (name == "ICMPV6") return IPPROTO_ICMPV6;
  uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return invalid_argument("protocol {}: tcp, udp, sctp, icmp, icmpv6, dns or a number", text);
  return number;
}

Result<Verdict> parse_verdict(std::string_view text) {
  const std::string name = upper(text);
  for (const Verdict verdict : kVerdicts)
    if (name == name_of(verdict)) return verdict;
  return invalid_argument("verdict {}: forwarded, translated, refused or dropped", text);
}

Result<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0)
    return invalid_argument("port {}: a number from 1 to 65535", text);
  return port;
}

}  // namespace

bool Filter::has_protocol(const FlowRecord& record) const {
  if (dns && record.kind == Kind::kDns) return true;
  return dns && protocols.empty()
             ? false
             : any(protocols, [&](uint8_t one) { return record.protocol == one; });
}

bool Filter::matches(const FlowRecord& record) const {
  const std::initializer_list<const Peer*> all = {&record.client, &record.asked, &record.sender,
                                                  &record.backend};
  const auto at_any_end = [&](auto holds) {
    return std::ranges::any_of(all, [&](const Peer* peer) { return holds(*peer); });
  };
  return any(verdicts, [&](Verdict one) { return record.verdict == one; }) &&
         has_protocol(record) &&
         any(reasons, [&](const std::string& one) { return record.reason == one; }) &&
         any(ports,
             [&](uint16_t one) {
               return at_any_end([&](const Peer& peer) { return peer.port == one; });
             }) &&
         any(pods,
             [&](const std::string& one) {
               return at_any_end([&](const Peer& peer) { return is_pod(peer, one); });
             }) &&
         any(namespaces, [&](const std::string& one) { return in_namespace(record, one); }) &&
         any(services, [&](const std::string& one) { return is_service(record, one); }) &&
         any(addresses, [&](const Cidr& one) {
           return at_any_end([&](const Peer& peer) { return one.contains(peer.address); });
         });
}

Result<Filter> parse_filter(const http::Query& query) {
  Filter filter;
  for (const auto& [name, value] : query.fields()) {
    if (name == "pod") filter.pods.push_back(value);
    if (name == "namespace") filter.namespaces.push_back(value);
    if (name == "service") filter.services.push_back(value);
    if (name == "reason") filter.reasons.push_back(value);
    if (name == "ip") {
      const bool whole = value.find('/') == std::string::npos;
      const bool v4 = value.find(':') == std::string::npos;
      ASSIGN_OR_RETURN(auto cidr, Cidr::parse(whole ? value + (v4 ? "/32" : "/128") : value), "ip");
      filter.addresses.push_back(cidr);
    }
    if (name == "port") {
      ASSIGN_OR_RETURN(auto port, parse_port(value));
      filter.ports.push_back(port);
    }
    if (name == "verdict") {
      ASSIGN_OR_RETURN(auto verdict, parse_verdict(value));
      filter.verdicts.push_back(verdict);
    }
    if (name == "protocol" && upper(value) == "DNS") {
      filter.dns = true;
    } else if (name == "protocol") {
      ASSIGN_OR_RETURN(auto protocol, parse_protocol(value));
      filter.protocols.push_back(protocol);
    }
  }
  return filter;
}

}  // namespace skiff::trace
