// SPDX-License-Identifier: Apache-2.0
#include "cli/observe/drops.h"

#include <algorithm>

#include "agent/trace/json_fields.h"
#include "cli/api.h"
#include "cli/observe/nodes.h"

namespace skiff::cli {

namespace json = boost::json;
using trace::number_of;
using trace::text_of;

namespace {

Drop decode_drop(const json::object& object, const std::string& node) {
  Drop drop;
  drop.node = node;
  drop.source = text_of(object, "source");
  drop.reason = text_of(object, "reason");
  drop.place = drop.source == "kernel" ? text_of(object, "place") : text_of(object, "text");
  drop.where = text_of(object, "pod");
  if (drop.where.empty()) drop.where = text_of(object, "interface");
  drop.last = text_of(object, "last");
  drop.packets = number_of<uint64_t>(object, "packets");
  drop.bytes = number_of<uint64_t>(object, "bytes");
  return drop;
}

}  // namespace

Result<std::vector<Drop>> decode_drops(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return invalid_argument("drops: not a JSON object");
  const json::object& object = value.get_object();
  const json::value* list = object.if_contains("drops");
  if (list == nullptr || !list->is_array()) return invalid_argument("drops: no list \"drops\"");
  std::vector<Drop> drops;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) return invalid_argument("drops: an entry is not a JSON object");
    drops.push_back(decode_drop(one.get_object(), text_of(object, "node")));
  }
  return drops;
}

std::string drop_table(std::vector<Drop> drops) {
  std::ranges::sort(drops, [](const Drop& a, const Drop& b) { return a.packets > b.packets; });
  std::string text = fmt::format("{:>9} {:>12}  {:<8} {:<7} {:<22} {:<36} {:<28} {}\n", "PACKETS",
                                 "BYTES", "NODE", "BY", "REASON", "WHERE", "POD OR DEVICE", "LAST");
  for (const Drop& drop : drops)
    text += fmt::format("{:>9} {:>12}  {:<8} {:<7} {:<22} {:<36} {:<28} {}\n", drop.packets,
                        drop.bytes, drop.node, drop.source, drop.reason, drop.place,
                        drop.where.empty() ? "-" : drop.where, drop.last);
  return text;
}

Status print_drops(const DropsOptions& options) {
  NodeSet set;
  ASSIGN_OR_RETURN(const auto api, Api::connect(options.kubeconfig));
  ASSIGN_OR_RETURN(set.access, api->agents(Right::kObserve));
  ASSIGN_OR_RETURN(const auto nodes, api->list<api::Node>());
  for (const api::Node& node : nodes)
    if (options.node.empty() || node.metadata.name == options.node) set.nodes.push_back(node);
  if (set.nodes.empty()) return not_found("there is no node {}", options.node);
  std::vector<Drop> all;
  Status unread = absl::OkStatus();
  RETURN_IF_ERROR(
      ask_nodes(set, "/observe/drops", {}, [&](const std::string& node, const std::string& line) {
        if (options.json) {
          fmt::print("{}\n", line);
          return;
        }
        const auto drops = decode_drops(line);
        if (drops.ok())
          all.insert(all.end(), drops->begin(), drops->end());
        else
          unread = annotate(drops.status(), node);
      }));
  if (!options.json) fmt::print("{}", drop_table(std::move(all)));
  return unread;
}

}  // namespace skiff::cli
