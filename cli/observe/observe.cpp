// SPDX-License-Identifier: Apache-2.0
#include "cli/observe/observe.h"

#include <algorithm>
#include <charconv>

#include "agent/trace/filter.h"
#include "agent/trace/format.h"
#include "agent/trace/json_fields.h"
#include "agent/trace/record_json.h"
#include "cli/api.h"
#include "cli/observe/nodes.h"

namespace skiff::cli {

namespace json = boost::json;

namespace {

struct Losses {
  uint64_t ring = 0;
  uint64_t limit = 0;
  uint64_t reader = 0;
};

// The object {"lost":{...}} of an answer; null if there is none.
std::optional<Losses> losses_of(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::value* lost = value.get_object().if_contains("lost");
  if (lost == nullptr || !lost->is_object()) return std::nullopt;
  const json::object& object = lost->get_object();
  const auto number = [&](const char* name) { return trace::number_of<uint64_t>(object, name); };
  return Losses{number("ring"), number("limit"), number("reader")};
}

Result<std::map<std::string, Losses>> ask_losses(NodeSet& set) {
  std::map<std::string, Losses> all;
  RETURN_IF_ERROR(
      ask_nodes(set, "/observe/status", {}, [&](const std::string& node, const std::string& line) {
        if (const auto losses = losses_of(line)) all[node] = *losses;
      }));
  return all;
}

void print_losses(const std::map<std::string, Losses>& before,
                  const std::map<std::string, Losses>& after) {
  for (const auto& [node, now] : after) {
    const auto it = before.find(node);
    const Losses then = it == before.end() ? Losses() : it->second;
    const uint64_t ring = now.ring - then.ring, limit = now.limit - then.limit,
                   reader = now.reader - then.reader;
    if (ring + limit + reader == 0) continue;
    fmt::print(stderr,
               "{}: LOST {} events: {} no room in the ring, {} above the limit a second, {} this "
               "reader was too slow for\n",
               node, ring + limit + reader, ring, limit, reader);
  }
}

http::Query query_since(const ObserveOptions& options, TimePoint since) {
  http::Query query = options.filter;
  query.add("since", std::to_string(since.time_since_epoch().count()));
  if (options.follow) query.add("follow", "true");
  if (options.stack) query.add("stack", "true");
  return query;
}

Result<http::Query> query_of(const ObserveOptions& options) {
  http::Query query = options.filter;
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(const auto ago, parse_duration(options.since), "--since");
    return query_since(options, std::chrono::system_clock::now() - ago);
  }
  query.add("last", std::to_string(options.last));
  if (options.follow) query.add("follow", "true");
  if (options.stack) query.add("stack", "true");
  return query;
}

void print(const trace::FlowRecord& record, Output output) {
  fmt::print("{}\n", format(record, output));
  std::fflush(stdout);
}

}  // namespace

Result<Output> parse_output(const std::string& text) {
  if (text == "compact") return Output::kCompact;
  if (text == "wide") return Output::kWide;
  if (text == "json") return Output::kJson;
  return invalid_argument("-o {}: compact, wide or json", text);
}

Result<std::chrono::seconds> parse_duration(const std::string& text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string unit(end, text.data() + text.size());
  static const std::map<std::string, int64_t> kUnits = {
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  const auto it = kUnits.find(unit);
  if (error != std::errc() || it == kUnits.end() || count < 0)
    return invalid_argument("{}: a number and s, m, h or d", text);
  return std::chrono::seconds(count * it->second);
}

PodNames pod_names(const std::vector<api::Pod>& pods) {
  PodNames names;
  for (const api::Pod& pod : pods) {
    if (pod.spec.hostNetwork) continue;
    auto who = std::make_shared<trace::Identity>();
    who->kind = trace::Identity::Kind::kPod;
    who->namespace_ = pod.metadata.namespace_;
    who->name = pod.metadata.name;
    who->node = pod.spec.nodeName;
    who->labels = pod.metadata.labels;
    for (const auto& ip : pod.status.podIPs)
      if (const auto address = IpAddress::parse(ip.ip); address.ok()) names[*address] = who;
  }
  return names;
}

void complete(trace::FlowRecord& record, const PodNames& names) {
  for (trace::Peer* peer : {&record.client, &record.asked, &record.sender, &record.backend}) {
    if (peer->who != nullptr) continue;
    const auto it = names.find(peer->address);
    if (it != names.end()) peer->who = it->second;
  }
}

std::vector<trace::FlowRecord> newest(std::vector<trace::FlowRecord> records, size_t count) {
  std::ranges::sort(records, {}, &trace::FlowRecord::time);
  if (records.size() > count)
    records.erase(records.begin(), records.end() - static_cast<long>(count));
  return records;
}

std::string format(const trace::FlowRecord& record, Output output) {
  switch (output) {
    case Output::kCompact:
      return trace::compact(record);
    case Output::kWide:
      return trace::wide(record);
    case Output::kJson:
      return trace::encode_json(record);
  }
  return "";
}

Status observe(const ObserveOptions& options) {
  RETURN_IF_ERROR(trace::parse_filter(options.filter).status());  // once, not by each node
  ASSIGN_OR_RETURN(const http::Query query, query_of(options));
  NodeSet set;
  ASSIGN_OR_RETURN(const auto api, Api::connect(options.kubeconfig));
  ASSIGN_OR_RETURN(set.access, api->agents(Right::kObserve));
  ASSIGN_OR_RETURN(const auto pods, api->list<api::Pod>());
  ASSIGN_OR_RETURN(const auto nodes, api->list<api::Node>());
  for (const api::Node& node : nodes)
    if (options.node.empty() || node.metadata.name == options.node) set.nodes.push_back(node);
  if (set.nodes.empty()) return not_found("there is no node {}", options.node);
  const PodNames names = pod_names(pods);
  ASSIGN_OR_RETURN(const auto before, ask_losses(set));
  std::vector<trace::FlowRecord> records;
  // Agents are started anew; the programs told the ring meanwhile.
  const auto again = [&] { return query_since(options, std::chrono::system_clock::now()); };
  RETURN_IF_ERROR(ask_nodes(
      set, "/observe/flows", query,
      [&](const std::string& node, const std::string& line) {
        if (losses_of(line)) return;
        auto record = trace::decode_json(line);
        if (!record.ok()) {
          fmt::print(stderr, "skiff: {}: {}\n", node, message(record.status()));
          return;
        }
        complete(*record, names);
        if (options.follow)
          print(*record, options.output);
        else
          records.push_back(*std::move(record));
      },
      options.follow ? again : std::function<http::Query()>()));
  if (records.empty() && !options.follow)
    fmt::print(stderr, "skiff: nothing of the past matches; -f waits for what comes\n");
  const size_t count = options.since.empty() ? options.last : records.size();
  for (const trace::FlowRecord& record : newest(std::move(records), count))
    print(record, options.output);
  if (const auto after = ask_losses(set); after.ok()) print_losses(before, *after);
  return absl::OkStatus();
}

}  // namespace skiff::cli
