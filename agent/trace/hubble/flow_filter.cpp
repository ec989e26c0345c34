// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/flow_filter.h"

#include <regex.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "api/selector.h"
#include "base/ip.h"

namespace skiff::trace::hubble {
namespace {

using Flow = ::flow::Flow;
using Filter = ::flow::FlowFilter;

// Nobody asked, or one of the values holds.
template <class Values, class Holds>
bool any(const Values& values, const Holds& holds) {
  return values.empty() || std::ranges::any_of(values, holds);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

bool in_range(const std::string& text, const std::string& address) {
  const auto ip = IpAddress::parse(address);
  if (!ip.ok()) return false;
  if (text.find('/') == std::string::npos) {
    const auto wanted = IpAddress::parse(text);
    return wanted.ok() && *wanted == *ip;
  }
  const auto range = Cidr::parse(text);
  return range.ok() && range->contains(*ip);
}

// "namespace/prefix", "namespace/", or "prefix" in namespace default, as Hubble has it.
bool names(const std::string& text, const std::string& ns, const std::string& name) {
  const size_t slash = text.find('/');
  const std::string wanted_ns = slash == std::string::npos ? "default" : text.substr(0, slash);
  const std::string prefix = slash == std::string::npos ? text : text.substr(slash + 1);
  return (wanted_ns.empty() || ns == wanted_ns) && !(ns.empty() && name.empty()) &&
         name.starts_with(prefix);
}

api::Labels labels_of(const ::flow::Endpoint& endpoint) {
  api::Labels labels;
  for (const std::string& label : endpoint.labels()) {
    const size_t colon = label.find(':');
    const std::string plain = colon == std::string::npos ? label : label.substr(colon + 1);
    const size_t equals = plain.find('=');
    const std::string value = equals == std::string::npos ? "" : plain.substr(equals + 1);
    labels[plain.substr(0, equals)] = value;
  }
  return labels;
}

bool has_labels(const std::string& text, const ::flow::Endpoint& endpoint) {
  if (std::ranges::find(endpoint.labels(), text) != endpoint.labels().end()) return true;
  const std::string plain = text.starts_with("k8s:") ? text.substr(4) : text;
  const auto selector = api::Selector::parse(plain);
  return selector.ok() && selector->matches(labels_of(endpoint));
}

struct Ports {
  uint32_t source = 0, destination = 0;
};

Ports ports_of(const Flow& flow) {
  if (flow.l4().has_tcp())
    return {flow.l4().tcp().source_port(), flow.l4().tcp().destination_port()};
  if (flow.l4().has_udp())
    return {flow.l4().udp().source_port(), flow.l4().udp().destination_port()};
  if (flow.l4().has_sctp())
    return {flow.l4().sctp().source_port(), flow.l4().sctp().destination_port()};
  return {};
}

bool is_protocol(const std::string& text, const Flow& flow) {
  const std::string wanted = lower(text);
  const ::flow::Layer4& l4 = flow.l4();
  if (wanted == "tcp") return l4.has_tcp();
  if (wanted == "udp") return l4.has_udp();
  if (wanted == "sctp") return l4.has_sctp();
  if (wanted == "dns") return flow.l7().has_dns();
  if (wanted == "icmpv4") return l4.has_icmpv4();
  if (wanted == "icmpv6") return l4.has_icmpv6();
  return wanted == "icmp" && (l4.has_icmpv4() || l4.has_icmpv6());
}

bool has_flags(const ::flow::TCPFlags& wanted, const Flow& flow) {
  if (!flow.l4().has_tcp()) return false;
  const ::flow::TCPFlags& flags = flow.l4().tcp().flags();
  return (!wanted.fin() || flags.fin()) && (!wanted.syn() || flags.syn()) &&
         (!wanted.rst() || flags.rst()) && (!wanted.psh() || flags.psh()) &&
         (!wanted.ack() || flags.ack()) && (!wanted.urg() || flags.urg()) &&
         (!wanted.ece() || flags.ece()) && (!wanted.cwr() || flags.cwr());
}

bool has_workload(const ::flow::Workload& wanted, const ::flow::Endpoint& endpoint) {
  return std::ranges::any_of(endpoint.workloads(), [&](const ::flow::Workload& one) {
    return (wanted.name().empty() || wanted.name() == one.name()) &&
           (wanted.kind().empty() || wanted.kind() == one.kind());
  });
}

bool is_event(const ::flow::EventTypeFilter& wanted, const Flow& flow) {
  return wanted.type() == flow.event_type().type() &&
         (!wanted.match_sub_type() || wanted.sub_type() == flow.event_type().sub_type());
}

bool source_matches(const Filter& filter, const Flow& flow) {
  const ::flow::Endpoint& end = flow.source();
  const ::flow::Service& service = flow.source_service();
  const std::string port = std::to_string(ports_of(flow).source);
  return any(filter.source_ip(), [&](const auto& v) { return in_range(v, flow.ip().source()); }) &&
         any(filter.source_pod(),
             [&](const auto& v) { return names(v, end.namespace_(), end.pod_name()); }) &&
         any(filter.source_label(), [&](const auto& v) { return has_labels(v, end); }) &&
         any(filter.source_port(), [&](const auto& v) { return v == port; }) &&
         any(filter.source_service(),
             [&](const auto& v) { return names(v, service.namespace_(), service.name()); }) &&
         any(filter.source_identity(), [&](uint32_t v) { return v == end.identity(); }) &&
         any(filter.source_workload(), [&](const auto& v) { return has_workload(v, end); });
}

bool destination_matches(const Filter& filter, const Flow& flow) {
  const ::flow::Endpoint& end = flow.destination();
  const ::flow::Service& service = flow.destination_service();
  const std::string port = std::to_string(ports_of(flow).destination);
  return any(filter.destination_ip(),
             [&](const auto& v) { return in_range(v, flow.ip().destination()); }) &&
         any(filter.destination_pod(),
             [&](const auto& v) { return names(v, end.namespace_(), end.pod_name()); }) &&
         any(filter.destination_label(), [&](const auto& v) { return has_labels(v, end); }) &&
         any(filter.destination_port(), [&](const auto& v) { return v == port; }) &&
         any(filter.destination_service(),
             [&](const auto& v) { return names(v, service.namespace_(), service.name()); }) &&
         any(filter.destination_identity(), [&](uint32_t v) { return v == end.identity(); }) &&
         any(filter.destination_workload(), [&](const auto& v) { return has_workload(v, end); });
}

// POSIX extended, as Hubble's own users write them for names. Null: it cannot be read.
std::unique_ptr<regex_t, void (*)(regex_t*)> compile(const std::string& text) {
  auto made = std::make_unique<regex_t>();
  if (::regcomp(made.get(), text.c_str(), REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0)
    return {nullptr, [](regex_t*) {}};
  return {made.release(), [](regex_t* one) {
            ::regfree(one);
            delete one;
          }};
}

bool asks_for(const std::string& pattern, const Flow& flow) {
  if (!flow.l7().has_dns()) return false;
  const auto compiled = compile(pattern);
  return compiled && ::regexec(compiled.get(), flow.l7().dns().query().c_str(), 0, nullptr, 0) == 0;
}

bool rest_matches(const Filter& filter, const Flow& flow) {
  return any(filter.verdict(), [&](int v) { return v == flow.verdict(); }) &&
         any(filter.event_type(), [&](const auto& v) { return is_event(v, flow); }) &&
         any(filter.protocol(), [&](const auto& v) { return is_protocol(v, flow); }) &&
         any(filter.reply(), [&](bool v) { return v == flow.is_reply().value(); }) &&
         any(filter.tcp_flags(), [&](const auto& v) { return has_flags(v, flow); }) &&
         any(filter.node_name(), [&](const auto& v) { return v == flow.node_name(); }) &&
         any(filter.ip_version(), [&](int v) { return v == flow.ip().ipversion(); }) &&
         any(filter.dns_query(), [&](const auto& v) { return asks_for(v, flow); }) &&
         any(filter.uuid(), [&](const auto& v) { return v == flow.uuid(); }) &&
         any(filter.traffic_direction(), [&](int v) { return v == flow.traffic_direction(); }) &&
         any(filter.drop_reason_desc(), [&](int v) { return v == flow.drop_reason_desc(); }) &&
         any(filter.interface(), [&](const auto& v) {
           return v.name() == flow.interface().name() || v.index() == flow.interface().index();
         });
}

bool filter_matches(const Filter& filter, const Flow& flow) {
  return source_matches(filter, flow) && destination_matches(filter, flow) &&
         rest_matches(filter, flow);
}

template <class Values, class Reads>
Status readable(const Values& values, const char* field, const char* want, const Reads& reads) {
  for (const std::string& value : values)
    if (!reads(value)) return invalid_argument("{}: \"{}\": want {}", field, value, want);
  return absl::OkStatus();
}

bool is_address(const std::string& text) {
  return IpAddress::parse(text).ok() || Cidr::parse(text).ok();
}

bool is_port(const std::string& text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

bool needs_l7(const Filter& filter) {
  return !filter.http_status_code().empty() || !filter.http_method().empty() ||
         !filter.http_path().empty() || !filter.http_url().empty() ||
         !filter.source_fqdn().empty() || !filter.destination_fqdn().empty() ||
         !filter.trace_id().empty();
}

}  // namespace

Status check(const FlowFilters& filters) {
  for (const Filter& filter : filters) {
    if (needs_l7(filter))
      return unimplemented("filters by HTTP, fqdn or trace ids: skiff's flows have none");
    for (const auto* addresses : {&filter.source_ip(), &filter.destination_ip()})
      RETURN_IF_ERROR(readable(*addresses, "ip", "an address or a CIDR", is_address));
    RETURN_IF_ERROR(readable(filter.dns_query(), "dns_query", "a regular expression",
                             [](const std::string& text) { return compile(text) != nullptr; }));
    for (const auto* ports : {&filter.source_port(), &filter.destination_port()})
      RETURN_IF_ERROR(readable(*ports, "port", "a port number", is_port));
  }
  return absl::OkStatus();
}

bool wanted(const ::flow::Flow& flow, const FlowFilters& whitelist, const FlowFilters& blacklist) {
  const auto matches = [&](const Filter& filter) { return filter_matches(filter, flow); };
  return any(whitelist, matches) && !std::ranges::any_of(blacklist, matches);
}

}  // namespace skiff::trace::hubble
