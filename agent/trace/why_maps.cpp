// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/why_maps.h"

#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <filesystem>

#include "agent/datapath/flow_gc.h"
#include "agent/net/link.h"
#include "agent/net/route.h"
#include "agent/trace/record.h"
#include "agent/trace/synthetic.h"

namespace skiff::trace {
namespace {

constexpr size_t kBackendsShown = 16;
constexpr size_t kRoutesShown = 4;
constexpr size_t kFlowsShown = 5;
constexpr uint16_t kProbePort = 61234;  // of the source; in a table of the probe's own

std::string endpoint(const IpAddress& address, uint16_t port) {
  return describe(Peer{.address = address, .port = port, .who = nullptr});
}

std::string ends(const datapath::Tuple& tuple) {
  return fmt::format(
      "{} -> {}", endpoint(datapath::from_abi(tuple.source), datapath::port_of(tuple.source_port)),
      endpoint(datapath::from_abi(tuple.destination), datapath::port_of(tuple.destination_port)));
}

using MaybeFrontend = std::optional<datapath::Frontend>;

Result<MaybeFrontend> look_up(const datapath::Maps& maps, const IpAddress& address, uint16_t port,
                              uint8_t protocol, uint8_t scope = SKIFF_SCOPE_INTERNAL) {
  return maps.frontends->get({.address = datapath::to_abi(address),
                              .port = datapath::port_be(port),
                              .protocol = protocol,
                              .scope = scope});
}

Result<MaybeFrontend> find_frontend(const datapath::Maps& maps, const WhyQuestion& question) {
  ASSIGN_OR_RETURN(MaybeFrontend found,
                   look_up(maps, question.destination, question.port, question.protocol));
  if (found) return found;
  ASSIGN_OR_RETURN(const auto node, maps.nodes->get(datapath::to_abi(question.destination)));
  if (!node || (node->flags & SKIFF_NODE_NO_NODE_PORTS)) return found;
  const IpAddress any =
      datapath::from_abi(datapath::node_port_address(question.destination.is_v4()));
  return look_up(maps, any, question.port, question.protocol);
}

// As the kernel would find it: the longest range that holds the address.
Result<bool> is_service_range(const datapath::Maps& maps, const IpAddress& address) {
  ASSIGN_OR_RETURN(const auto range,
                   maps.ranges->get({.prefix_bits = 128, .address = datapath::to_abi(address)}));
  return range && (range->flags & SKIFF_RANGE_SERVICE) != 0;
}

// At most `most` of them.
Result<std::vector<SocketAddress>> backends_of(const datapath::Maps& maps,
                                               const datapath::Frontend& frontend, size_t most) {
  std::vector<SocketAddress> all;
  for (uint32_t i = 0; i < frontend.count && i < most; ++i) {
    ASSIGN_OR_RETURN(const auto backend, maps.backends->get(frontend.base + i));
    if (backend)
      all.push_back({datapath::from_abi(backend->address), datapath::port_of(backend->port)});
  }
  return all;
}

std::string state_of(const datapath::Flow& flow) {
  if (flow.flags & SKIFF_FLOW_RESET) return "reset";
  const uint32_t both = SKIFF_FLOW_FIN_FORWARD | SKIFF_FLOW_FIN_REPLY;
  if ((flow.flags & both) == both) return "closed";
  if (flow.flags & both) return "half closed";
  if (flow.flags & SKIFF_FLOW_ESTABLISHED) return "established";
  return flow.flags & SKIFF_FLOW_REPLIED ? "answered" : "waiting for an answer";
}

bool is_asked_for(const datapath::Flow& flow, const WhyQuestion& question) {
  const datapath::Tuple& original = flow.original;
  const datapath::Tuple& translated = flow.translated;
  if (datapath::from_abi(original.source) != question.source) return false;
  const auto leads_there = [&](const datapath::Tuple& tuple) {
    return datapath::from_abi(tuple.destination) == question.destination &&
           (question.port == 0 || datapath::port_of(tuple.destination_port) == question.port);
  };
  return original.protocol == question.protocol &&
         (leads_there(original) || leads_there(translated));
}

Result<RouteFact> route_fact(const datapath::Maps& maps, const IpAddress& destination) {
  RouteFact fact;
  fact.destination = destination.to_string();
  ASSIGN_OR_RETURN(const auto pod, maps.pods->get(datapath::to_abi(destination)));
  if (pod) {
    fact.usable = true;
    fact.route = fmt::format("a pod of this node, behind device {}", pod->ifindex);
    return fact;
  }
  auto netlink = net::Netlink::open();
  if (!netlink.ok()) {
    fact.problem = message(netlink.status());
    return fact;
  }
  const auto route = net::lookup_route(*netlink, destination);
  if (!route.ok()) {
    fact.problem = message(route.status());
    return fact;
  }
  net::Route named = *route;
  named.link_index = 0;
  fact.route = named.to_string();
  char name[IF_NAMESIZE] = {};
  if (::if_indextoname(static_cast<unsigned>(route->link_index), name) != nullptr)
    fact.route += fmt::format(" dev {}", name);
  fact.usable = route->kind == net::RouteKind::kUnicast || route->kind == net::RouteKind::kLocal;
  if (!fact.usable) fact.problem = "the route says so";
  return fact;
}

// The entry for clients outside, where it is another.
Result<MaybeFrontend> find_outside(const datapath::Maps& maps, const WhyQuestion& question) {
  WhyQuestion asked = question;
  asked.destination = question.outside;
  asked.port = question.outside_port;
  ASSIGN_OR_RETURN(MaybeFrontend found, find_frontend(maps, asked));
  if (!found || !(found->flags & SKIFF_FRONTEND_TWO_SCOPES)) return found;
  for (const IpAddress& address :
       {asked.destination,
        datapath::from_abi(datapath::node_port_address(asked.destination.is_v4()))}) {
    ASSIGN_OR_RETURN(found,
                     look_up(maps, address, asked.port, asked.protocol, SKIFF_SCOPE_EXTERNAL));
    if (found) break;
  }
  return found;
}

std::string reached(const datapath::ProbeAnswer& answer) {
  if (answer.carried) return "carried";
  using Action = datapath::ProbeAnswer::Action;
  if (answer.action == Action::kDropped) return "dropped";
  if (!answer.reason.empty()) return "refused";
  return answer.action == Action::kRedirected ? "delivered" : "passed to the stack";
}

}  // namespace

Result<FrontendFact> frontend_fact(const datapath::Maps& maps, const WhyQuestion& question) {
  FrontendFact fact;
  ASSIGN_OR_RETURN(const MaybeFrontend frontend, find_frontend(maps, question));
  if (!frontend) {
    ASSIGN_OR_RETURN(fact.refuses_other_ports, is_service_range(maps, question.destination));
    ASSIGN_OR_RETURN(const MaybeFrontend any_port, look_up(maps, question.destination, 0, 0));
    fact.refuses_other_ports = fact.refuses_other_ports || any_port;
    return fact;
  }
  fact.found = true;
  fact.affinity_seconds = frontend->affinity_seconds;
  fact.drops_when_empty = (frontend->flags & SKIFF_FRONTEND_DROP_EMPTY) != 0;
  ASSIGN_OR_RETURN(const auto backends, backends_of(maps, *frontend, kBackendsShown));
  for (const SocketAddress& backend : backends) fact.backends.push_back(backend.to_string());
  if (frontend->count > kBackendsShown)
    fact.backends.push_back(fmt::format("and {} more", frontend->count - kBackendsShown));
  return fact;
}

Result<std::vector<RouteFact>> route_facts(const datapath::Maps& maps, const WhyQuestion& question,
                                           const FrontendFact& frontend) {
  std::vector<RouteFact> facts;
  if (!frontend.found && frontend.refuses_other_ports) return facts;
  ASSIGN_OR_RETURN(auto destinations, final_destinations(maps, question));
  if (destinations.size() > kRoutesShown) destinations.resize(kRoutesShown);
  for (const SocketAddress& to : destinations) {
    ASSIGN_OR_RETURN(RouteFact fact, route_fact(maps, to.address));
    facts.push_back(std::move(fact));
  }
  return facts;
}

Result<std::vector<FlowFact>> flow_facts(const datapath::Maps& maps, const WhyQuestion& question) {
  std::vector<datapath::Flow> found;
  const auto visit = [&](const datapath::Tuple&, const datapath::Flow& flow) {
    if (is_asked_for(flow, question)) found.push_back(flow);
  };
  RETURN_IF_ERROR(maps.flows->for_each(visit));
  RETURN_IF_ERROR(maps.new_flows->for_each(visit));
  std::ranges::sort(found, std::greater<>(), &datapath::Flow::last_seen_ns);
  if (found.size() > kFlowsShown) found.resize(kFlowsShown);
  const auto now = static_cast<uint64_t>(datapath::monotonic_now().count());
  std::vector<FlowFact> facts;
  for (const datapath::Flow& flow : found) {
    FlowFact fact;
    fact.original = ends(flow.original);
    fact.translated = ends(flow.translated);
    fact.state = state_of(flow);
    fact.packets_forward = flow.packets[0];
    fact.packets_reply = flow.packets[1];
    if (now > flow.last_seen_ns)
      fact.idle_seconds = static_cast<double>(now - flow.last_seen_ns) / 1e9;
    facts.push_back(std::move(fact));
  }
  return facts;
}

Result<std::vector<SocketAddress>> final_destinations(const datapath::Maps& maps,
                                                      const WhyQuestion& question) {
  ASSIGN_OR_RETURN(const MaybeFrontend frontend, find_frontend(maps, question));
  if (frontend) return backends_of(maps, *frontend, kBackendsShown);
  return std::vector<SocketAddress>{{question.destination, question.port}};
}

std::string SocketAddress::to_string() const {
  return endpoint(address, port);
}

namespace {

// Where the packet starts, and the addresses of its frame.
struct ProbeStart {
  uint32_t ifindex = 0;
  std::array<uint8_t, 6> source_mac{}, destination_mac{};
};

Result<ProbeStart> start_at_pod(const datapath::Maps& maps, const IpAddress& source) {
  ASSIGN_OR_RETURN(const auto pod, maps.pods->get(datapath::to_abi(source)));
  if (!pod) return not_found("the pod is not in the node's tables");
  ProbeStart start{.ifindex = pod->ifindex};
  std::ranges::copy(pod->mac, start.source_mac.begin());
  std::ranges::copy(pod->gateway_mac, start.destination_mac.begin());
  return start;
}

Result<ProbeStart> start_at_device(const IpAddress& source) {
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const net::Route route, net::lookup_route(netlink, source));
  ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, route.link_index));
  if (link.kind == "vxlan") return unimplemented("it comes in through the overlay");
  return ProbeStart{.ifindex = static_cast<uint32_t>(link.index), .destination_mac = link.mac};
}

// The first device with an address of the family that is no overlay.
Result<ProbeStart> start_at_uplink(const datapath::Maps& maps, bool v4) {
  std::vector<uint32_t> devices;
  RETURN_IF_ERROR(
      maps.devices->for_each([&](const uint32_t& ifindex, const datapath::Device& device) {
        if (!datapath::from_abi(v4 ? device.address4 : device.address6).is_unspecified())
          devices.push_back(ifindex);
      }));
  std::ranges::sort(devices);
  ASSIGN_OR_RETURN(auto netlink, net::Netlink::open());
  for (const uint32_t ifindex : devices) {
    ASSIGN_OR_RETURN(const net::Link link, net::get_link(netlink, static_cast<int>(ifindex)));
    if (link.kind != "vxlan") return ProbeStart{.ifindex = ifindex, .destination_mac = link.mac};
  }
  return not_found("the node has no device to the outside");
}

ProbeFact ask_program(const Result<ProbeStart>& start, const datapath::ProbeSource& source,
                      const WhyQuestion& question) {
  ProbeFact fact;
  if (!start.ok()) {
    fact.problem = message(start.status());
    return fact;
  }
  const std::string frame = make_frame({.source = question.source,
                                        .destination = question.destination,
                                        .source_port = kProbePort,
                                        .destination_port = question.port,
                                        .protocol = question.protocol,
                                        .source_mac = start->source_mac,
                                        .destination_mac = start->destination_mac});
  fact.sent = describe_frame(frame);
  const auto probe = datapath::PacketProbe::open(
      source, question.arriving ? datapath::ProbeAt::kFromDevice : datapath::ProbeAt::kFromPod);
  const auto answer = probe.ok() ? (*probe)->run(frame, start->ifindex)
                                 : Result<datapath::ProbeAnswer>(probe.status());
  if (!answer.ok()) {
    fact.problem = message(answer.status());
    return fact;
  }
  fact.ran = true;
  fact.verdict = reached(*answer);
  fact.reason = answer->reason;
  fact.reason_text = answer->reason_text;
  fact.came_out = describe_frame(answer->frame);
  return fact;
}

}  // namespace

ProbeFact probe_fact(const datapath::Maps& maps, const datapath::ProbeSource& source,
                     const WhyQuestion& question) {
  return ask_program(
      question.arriving ? start_at_device(question.source) : start_at_pod(maps, question.source),
      source, question);
}

OutsideFact outside_fact(const datapath::Maps& maps, const datapath::ProbeSource& source,
                         const WhyQuestion& question) {
  OutsideFact fact;
  const auto frontend = find_outside(maps, question);
  if (!frontend.ok() || !*frontend) return fact;
  fact.asked = true;
  fact.direct = ((*frontend)->flags & SKIFF_FRONTEND_DSR) != 0;
  const bool v4 = question.outside.is_v4();
  WhyQuestion arriving = question;
  arriving.arriving = true;
  arriving.source = IpAddress::parse(v4 ? "192.0.2.1" : "2001:db8::1").value();
  arriving.destination = question.outside;
  arriving.port = question.outside_port;
  const auto start = start_at_uplink(maps, v4);
  std::error_code error;
  fact.in_driver =
      start.ok() && std::filesystem::exists(
                        fmt::format("{}/links/xdp-{}", source.pin_dir, start->ifindex), error);
  fact.probe = ask_program(start, source, arriving);
  return fact;
}

}  // namespace skiff::trace
