// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/api.h"

#include <boost/json.hpp>

#include <charconv>

#include "agent/datapath/flow_gc.h"
#include "agent/datapath/reasons.h"
#include "agent/trace/filter.h"
#include "agent/trace/record_json.h"

namespace skiff::trace {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto kStackDuration = 600s;
constexpr size_t kMostBytesAWrite = 64 * 1024;

Result<int64_t> number(const http::Query& query, std::string_view name, int64_t otherwise) {
  const std::string_view text = query.get(name);
  if (text.empty()) return otherwise;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return invalid_argument("{} {}: a number", name, text);
  return value;
}

TimePoint time_at(int64_t nanoseconds) {
  return TimePoint(
      std::chrono::duration_cast<TimePoint::duration>(std::chrono::nanoseconds(nanoseconds)));
}

// Times are nanoseconds since 1970.
Result<SubscribeOptions> parse_options(const http::Query& query) {
  SubscribeOptions options;
  options.follow = query.get("follow") == "true" || query.get("follow") == "1";
  ASSIGN_OR_RETURN(const int64_t last, number(query, "last", 0));
  ASSIGN_OR_RETURN(const int64_t since, number(query, "since", -1));
  ASSIGN_OR_RETURN(const int64_t until, number(query, "until", -1));
  options.last = static_cast<size_t>(last);
  if (since >= 0) options.since = time_at(since);
  if (until >= 0) options.until = time_at(until);
  return options;
}

json::object losses(const HubStatistics& statistics, uint64_t reader) {
  return {{"ring", statistics.lost_ring}, {"limit", statistics.lost_limit}, {"reader", reader}};
}

}  // namespace

std::string describe_packet(const skiff_tuple& tuple) {
  const auto end = [](const skiff_address& address, uint16_t port) {
    const IpAddress ip = datapath::from_abi(address);
    // Nobody's yet: an address that is being asked for.
    if (ip.is_unspecified()) return std::string(ip.is_v4() ? "0.0.0.0" : "::");
    return describe(Peer{.address = ip, .port = datapath::port_of(port), .who = nullptr});
  };
  return fmt::format("{} {} -> {}", protocol_name(tuple.protocol),
                     end(tuple.source, tuple.source_port),
                     end(tuple.destination, tuple.destination_port));
}

awaitable<void> Api::serve(http::Request request, http::ResponseWriter& writer) {
  const Status status = co_await route(std::move(request), writer);
  if (status.ok() || writer.cancelled()) co_return;
  const int code = status.code() == StatusCode::kInvalidArgument ? 400
                   : status.code() == StatusCode::kNotFound      ? 404
                                                                 : 500;
  (void)co_await writer.respond(http::Response::text(code, fmt::format("{}\n", message(status))));
}

awaitable<Status> Api::route(http::Request request, http::ResponseWriter& writer) {
  if (request.path == "/observe/flows") co_return co_await flows(std::move(request), writer);
  if (request.path == "/observe/status")
    co_return co_await writer.respond(http::Response::text(200, status(), "application/json"));
  if (request.path == "/observe/drops") {
    CO_ASSIGN_OR_RETURN(std::string text, drops());
    co_return co_await writer.respond(
        http::Response::text(200, std::move(text), "application/json"));
  }
  co_return not_found("404 page not found");
}

awaitable<Status> Api::flows(http::Request request, http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(Filter filter, parse_filter(request.query));
  CO_ASSIGN_OR_RETURN(SubscribeOptions options, parse_options(request.query));
  if (request.query.get("stack") == "true") CO_RETURN_IF_ERROR(want_stacks(kStackDuration));
  const auto before = hub_.statistics();
  const auto subscription = hub_.subscribe(
      [filter](const FlowRecord& record) { return filter.matches(record); }, std::move(options));
  http::Headers headers;
  headers.set("content-type", "application/x-ndjson");
  CO_RETURN_IF_ERROR(co_await writer.start(200, std::move(headers)));
  std::string lines;
  while (!subscription->ended() && !writer.cancelled()) {
    // What is there goes out in one piece; a reader that follows waits no longer than need be.
    const FlowRecordPtr record = co_await subscription->next(lines.empty() ? 1000ms : 0ms);
    if (record != nullptr) lines += encode_json(*record) + "\n";
    if (lines.empty() || (record != nullptr && lines.size() < kMostBytesAWrite)) continue;
    CO_RETURN_IF_ERROR(
        co_await writer.write(std::make_shared<const std::string>(std::exchange(lines, {}))));
  }
  HubStatistics now = hub_.statistics();
  now.lost_ring -= before.lost_ring;
  now.lost_limit -= before.lost_limit;
  lines += json::serialize(json::object{{"lost", losses(now, subscription->lost())}}) + "\n";
  co_return co_await writer.write(std::make_shared<const std::string>(std::move(lines)));
}

Status Api::want_stacks(std::chrono::seconds duration) {
  ASSIGN_OR_RETURN(const auto before, maps_.control->get(0));
  skiff_trace_control control = before.value_or(skiff_trace_control{});
  control.stack_until_ns = static_cast<uint64_t>(
      (datapath::monotonic_now() + std::chrono::nanoseconds(duration)).count());
  return maps_.control->put(0, control);
}

Result<std::string> Api::drops() const {
  json::array list;
  ASSIGN_OR_RETURN(const auto reasons, datapath::read_reasons(pin_dir_));
  for (const datapath::ReasonCount& reason : reasons) {
    if (reason.packets == 0) continue;
    list.push_back({{"source", "skiff"},
                    {"reason", reason.label},
                    {"text", reason.text},
                    {"packets", reason.packets},
                    {"bytes", reason.bytes}});
  }
  RETURN_IF_ERROR(
      maps_.kernel_drops->for_each([&](const skiff_drop_key& key, const skiff_drop_count& count) {
        const Place place = names_.place(key.netns_cookie, key.ifindex);
        json::object drop{{"source", "kernel"},
                          {"reason", names_.kernel_reason(key.reason)},
                          {"place", names_.symbol(key.location)},
                          {"packets", count.packets},
                          {"bytes", count.bytes},
                          {"interface", place.interface}};
        if (place.who != nullptr && place.who->kind == Identity::Kind::kPod)
          drop["pod"] = place.who->namespace_ + "/" + place.who->name;
        drop["last"] = describe_packet(count.last);
        list.push_back(std::move(drop));
      }));
  return json::serialize(json::object{
      {"node", hub_.node()}, {"drops", std::move(list)}, {"lost", losses(hub_.statistics(), 0)}});
}

std::string Api::status() const {
  const HubStatistics now = hub_.statistics();
  return json::serialize(json::object{{"node", hub_.node()},
                                      {"seen", now.seen},
                                      {"kept", now.kept},
                                      {"capacity", now.capacity},
                                      {"subscribers", now.subscribers},
                                      {"started", format_time(now.started)},
                                      {"lost", losses(now, now.lost_readers)}});
}

}  // namespace skiff::trace
