// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/why_node.h"

#include <netinet/in.h>

#include <charconv>

namespace skiff::trace {
namespace {

constexpr size_t kDropsShown = 5;

bool touches(const FlowRecord& record, const WhyQuestion& question) {
  const auto is_client = [&](const Peer& peer) { return peer.address == question.source; };
  const auto is_target = [&](const Peer& peer) {
    return peer.address == question.destination &&
           (question.port == 0 || peer.port == question.port);
  };
  return (is_client(record.client) || is_client(record.sender) ||
          record.client.address.is_unspecified()) &&
         (is_target(record.asked) || is_target(record.backend));
}

bool is_loss(const FlowRecord& record) {
  return record.kind == Kind::kRefused || record.kind == Kind::kDropped ||
         record.kind == Kind::kKernelDropped;
}

DropFact fact_of(const FlowRecord& record, TimePoint now) {
  DropFact fact;
  fact.seconds_ago = std::chrono::duration<double>(now - record.time).count();
  fact.reason = record.reason;
  fact.place = record.place;
  fact.packet = fmt::format("{} -> {} {}", describe(record.client), describe(record.asked),
                            protocol_name(record.protocol));
  fact.refused = record.kind == Kind::kRefused;
  return fact;
}

Status read_tables(const datapath::Maps& maps, const WhyQuestion& question, NodeFacts& facts) {
  ASSIGN_OR_RETURN(const auto pod, maps.pods->get(datapath::to_abi(question.source)));
  facts.source_known = pod.has_value();
  if (question.destination.is_unspecified()) return absl::OkStatus();
  ASSIGN_OR_RETURN(facts.frontend, frontend_fact(maps, question));
  ASSIGN_OR_RETURN(facts.routes, route_facts(maps, question, facts.frontend));
  ASSIGN_OR_RETURN(facts.flows, flow_facts(maps, question));
  return absl::OkStatus();
}

Result<uint32_t> number(std::string_view text, const char* name, uint32_t most) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most)
    return invalid_argument("{}: \"{}\" is no number up to {}", name, text, most);
  return value;
}

}  // namespace

Result<WhyQuestion> parse_why_query(const http::Query& query) {
  WhyQuestion question;
  ASSIGN_OR_RETURN(question.source, IpAddress::parse(query.get("source")), "source");
  if (query.has("destination")) {
    ASSIGN_OR_RETURN(question.destination, IpAddress::parse(query.get("destination")),
                     "destination");
  }
  if (query.has("port")) {
    ASSIGN_OR_RETURN(const uint32_t port, number(query.get("port"), "port", 65535));
    question.port = static_cast<uint16_t>(port);
  }
  if (query.has("protocol")) {
    ASSIGN_OR_RETURN(const uint32_t protocol, number(query.get("protocol"), "protocol", 255));
    question.protocol = static_cast<uint8_t>(protocol);
  }
  if (query.has("outside")) {
    ASSIGN_OR_RETURN(question.outside, IpAddress::parse(query.get("outside")), "outside");
    ASSIGN_OR_RETURN(const uint32_t port, number(query.get("outside_port"), "outside_port", 65535));
    question.outside_port = static_cast<uint16_t>(port);
  }
  question.name = query.get("name");
  question.arriving = query.get("arriving") == "true";
  return question;
}

http::Query why_query(const WhyQuestion& question) {
  http::Query query;
  query.add("source", question.source.to_string());
  if (!question.destination.is_unspecified())
    query.add("destination", question.destination.to_string());
  query.add("port", std::to_string(question.port));
  query.add("protocol", std::to_string(question.protocol));
  if (!question.name.empty()) query.add("name", question.name);
  if (question.arriving) query.add("arriving", "true");
  if (!question.outside.is_unspecified()) {
    query.add("outside", question.outside.to_string());
    query.add("outside_port", std::to_string(question.outside_port));
  }
  return query;
}

NodeFacts gather_node_facts(const WhySources& sources, const datapath::ProbeSource& probe,
                            const WhyQuestion& question) {
  NodeFacts facts;
  facts.node = sources.node;
  if (sources.datapath == nullptr) return facts;
  facts.has_datapath = true;
  facts.other_cni = sources.other_cni;
  const datapath::Maps& maps = sources.datapath->maps();
  if (const Status read = read_tables(maps, question, facts); !read.ok())
    facts.problem = message(read);
  if (!question.destination.is_unspecified()) facts.probe = probe_fact(maps, probe, question);
  if (!question.outside.is_unspecified()) facts.outside = outside_fact(maps, probe, question);
  return facts;
}

awaitable<std::vector<DropFact>> WhyHandler::last_drops(WhyQuestion question) {
  std::vector<DropFact> facts;
  if (sources_.hub == nullptr) co_return facts;
  const auto subscription = sources_.hub->subscribe(
      [question](const FlowRecord& record) { return is_loss(record) && touches(record, question); },
      {.last = kDropsShown, .since = std::nullopt, .until = std::nullopt, .follow = false});
  while (!subscription->ended()) {
    const FlowRecordPtr record = co_await subscription->next(std::chrono::milliseconds(10));
    if (!record) break;
    facts.push_back(fact_of(*record, clock_.now()));
  }
  co_return facts;
}

awaitable<void> WhyHandler::serve(http::Request request, http::ResponseWriter& writer) {
  const auto question = parse_why_query(request.query);
  if (!question.ok()) {
    (void)co_await writer.respond(
        http::Response::text(400, fmt::format("{}\n", message(question.status()))));
    co_return;
  }
  const WhyQuestion asked = *question;
  const WhySources* sources = &sources_;
  datapath::ProbeSource probe;
  if (sources_.datapath != nullptr) probe = sources_.datapath->probe_source();
  NodeFacts facts = co_await offload(
      pool_, [sources, probe, asked] { return gather_node_facts(*sources, probe, asked); });
  facts.drops = co_await last_drops(asked);
  if (sources_.not_ready_because) facts.not_ready_because = sources_.not_ready_because();
  if (sources_.resolve && !asked.name.empty()) facts.name = sources_.resolve(asked.name);
  if (sources_.policies && sources_.datapath != nullptr && !asked.destination.is_unspecified()) {
    facts.policy_enforced = true;
    const auto ends = final_destinations(sources_.datapath->maps(), asked);
    if (ends.ok())
      facts.policies = sources_.policies(asked, *ends);
    else if (facts.problem.empty())
      facts.problem = message(ends.status());
  }
  (void)co_await writer.respond(http::Response::text(200, encode(facts), "application/json"));
}

}  // namespace skiff::trace
