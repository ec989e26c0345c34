// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/tap_query.h"

#include <charconv>

namespace skiff::trace {
namespace {

constexpr uint64_t kMostPackets = 1000000;

template <class T>
Status take_number(const http::Query& query, const char* name, T least, T most, T& value) {
  if (!query.has(name)) return absl::OkStatus();
  const std::string_view text = query.get(name);
  T read{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc() || end != text.data() + text.size() || read < least || read > most)
    return invalid_argument("{}: \"{}\" is not a number from {} to {}", name, text, least, most);
  value = read;
  return absl::OkStatus();
}

Status take_flag(const http::Query& query, const char* name, bool& value) {
  if (!query.has(name)) return absl::OkStatus();
  const std::string_view text = query.get(name);
  if (text != "true" && text != "false")
    return invalid_argument("{}: \"{}\" is neither true nor false", name, text);
  value = text == "true";
  return absl::OkStatus();
}

PacketEnds ends_of(const skiff_tuple& tuple, bool dropped) {
  return {.source = datapath::from_abi(tuple.source),
          .destination = datapath::from_abi(tuple.destination),
          .source_port = datapath::port_of(tuple.source_port),
          .destination_port = datapath::port_of(tuple.destination_port),
          .protocol = tuple.protocol,
          .dropped = dropped};
}

}  // namespace

Result<TapRequest> parse_tap_query(const http::Query& query) {
  TapRequest request;
  ASSIGN_OR_RETURN(request.expression, parse_expression(query.get("filter")));
  ASSIGN_OR_RETURN(request.pcap, parse_pcap_filter(query.get("pcap")));
  RETURN_IF_ERROR(take_flag(query, "dropped", request.dropped));
  RETURN_IF_ERROR(take_flag(query, "path", request.path));
  RETURN_IF_ERROR(take_number<uint16_t>(query, "snap", 0, SKIFF_TAP_SNAP, request.snap));
  RETURN_IF_ERROR(take_number<uint64_t>(query, "count", 0, kMostPackets, request.count));
  int64_t seconds = request.duration.count();
  RETURN_IF_ERROR(take_number<int64_t>(query, "seconds", 1, 3600, seconds));
  request.duration = std::chrono::seconds(seconds);
  return request;
}

http::Query tap_query(const TapRequest& request) {
  http::Query query;
  query.add("filter", to_string(request.expression));
  if (!request.pcap.empty()) query.add("pcap", to_string(request.pcap));
  if (request.dropped) query.add("dropped", "true");
  if (request.path) query.add("path", "true");
  query.add("snap", std::to_string(request.snap));
  query.add("count", std::to_string(request.count));
  query.add("seconds", std::to_string(request.duration.count()));
  return query;
}

std::vector<TapSpec> taps_of(const TapRequest& request) {
  std::vector<TapSpec> specs = widen(request.expression);
  for (TapSpec& spec : specs) {
    spec.filter = request.pcap;
    spec.drops_only = spec.drops_only || request.dropped;
    spec.snap = request.snap;
    spec.duration = request.duration;
    spec.budget = kMostPackets;
  }
  return specs;
}

bool wants(const TapRequest& request, const skiff_tap_event& event) {
  const bool dropped = event.verdict < 0;
  return matches(request.expression, ends_of(event.before, dropped)) ||
         matches(request.expression, ends_of(event.after, dropped));
}

}  // namespace skiff::trace
