// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/tap_stream.h"

#include <charconv>
#include <map>

#include "agent/trace/tap_wire.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kMostPackets = 1000000;
constexpr size_t kChunkBytes = 64 * 1024;

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

PacketEnds ends_of(const skiff_tuple& tuple, bool dropped) {
  return {.source = datapath::from_abi(tuple.source),
          .destination = datapath::from_abi(tuple.destination),
          .source_port = datapath::port_of(tuple.source_port),
          .destination_port = datapath::port_of(tuple.destination_port),
          .protocol = tuple.protocol,
          .dropped = dropped};
}

bool wants(const Expression& expression, const skiff_tap_event& event) {
  const bool dropped = event.verdict < 0;
  return matches(expression, ends_of(event.before, dropped)) ||
         matches(expression, ends_of(event.after, dropped));
}

// What one client is sent: makes messages of records, places before the packets seen there.
class Stream {
 public:
  Stream(const TapRequest& request, Names& names) : request_(request), names_(names) {}

  void take(const TapRecord& record) {
    if (enough() || !wants(request_.expression, record.event)) return;
    const skiff_trace_header& header = record.event.header;
    const auto [known, is_new] = places_.try_emplace({header.netns_cookie, header.ifindex},
                                                     static_cast<uint32_t>(places_.size()));
    if (is_new) introduce(known->second, header);
    pending_ += encode(TapPacket{
        .time = record.time, .place = known->second, .event = record.event, .bytes = record.bytes});
    ++packets_;
  }
  bool enough() const { return request_.count != 0 && packets_ >= request_.count; }
  uint64_t packets() const { return packets_; }
  std::string& pending() { return pending_; }

 private:
  void introduce(uint32_t number, const skiff_trace_header& header) {
    const Place place = names_.place(header.netns_cookie, header.ifindex);
    TapPlace message{.number = number, .interface = place.interface, .pod = ""};
    if (place.who && place.who->kind == Identity::Kind::kPod)
      message.pod = place.who->namespace_ + "/" + place.who->name;
    pending_ += encode(message);
  }

  const TapRequest& request_;
  Names& names_;
  std::map<std::pair<uint64_t, uint32_t>, uint32_t> places_;
  std::string pending_;
  uint64_t packets_ = 0;
};

Result<std::vector<std::unique_ptr<Tap>>> open_taps(Taps& taps, const TapRequest& request) {
  std::vector<std::unique_ptr<Tap>> open;
  for (TapSpec& spec : widen(request.expression)) {
    spec.snap = request.snap;
    spec.duration = request.duration;
    spec.budget = kMostPackets;
    ASSIGN_OR_RETURN(auto tap, taps.open(spec));
    open.push_back(std::move(tap));
  }
  return open;
}

// Matched by an earlier tap of ours as well: it came through that one.
bool is_repeated(const TapRecord& record, const std::vector<std::unique_ptr<Tap>>& taps,
                 size_t index) {
  for (size_t i = 0; i < index; ++i)
    if (record.event.taps & (1U << taps[i]->slot())) return true;
  return false;
}

awaitable<void> drain(std::vector<std::unique_ptr<Tap>>& taps, size_t index, Stream& stream,
                      std::chrono::nanoseconds timeout) {
  TapRecordPtr record = co_await taps[index]->next(timeout);
  while (record) {
    if (!is_repeated(*record, taps, index)) stream.take(*record);
    if (stream.enough() || stream.pending().size() >= kChunkBytes) co_return;
    record = co_await taps[index]->next(0ns);
  }
}

awaitable<Status> flush(Stream& stream, http::ResponseWriter& writer) {
  if (stream.pending().empty()) co_return absl::OkStatus();
  co_return co_await writer.write(
      std::make_shared<const std::string>(std::exchange(stream.pending(), {})));
}

TapEnd end_of(const std::vector<std::unique_ptr<Tap>>& taps, const Stream& stream) {
  TapEnd end{.packets = stream.packets(), .lost = 0, .reason = "its time is over"};
  if (stream.enough()) end.reason = "as many as asked for";
  for (const auto& tap : taps) end.lost += tap->lost();
  return end;
}

}  // namespace

Result<TapRequest> parse_tap_query(const http::Query& query) {
  TapRequest request;
  ASSIGN_OR_RETURN(request.expression, parse_expression(query.get("filter")));
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
  query.add("snap", std::to_string(request.snap));
  query.add("count", std::to_string(request.count));
  query.add("seconds", std::to_string(request.duration.count()));
  return query;
}

awaitable<void> TapHandler::serve(http::Request request, http::ResponseWriter& writer) {
  const auto asked = parse_tap_query(request.query);
  auto taps = asked.ok() ? open_taps(taps_, *asked)
                         : Result<std::vector<std::unique_ptr<Tap>>>(asked.status());
  if (!taps.ok()) {
    const int status = taps.status().code() == StatusCode::kInvalidArgument ? 400 : 429;
    (void)co_await writer.respond(
        http::Response::text(status, fmt::format("{}\n", message(taps.status()))));
    co_return;
  }
  http::Headers headers;
  headers.add("content-type", "application/octet-stream");
  if (!(co_await writer.start(200, std::move(headers))).ok()) co_return;
  Stream stream(*asked, names_);
  bool ended = false;
  while (!ended && !stream.enough() && !writer.cancelled()) {
    ended = true;
    for (size_t i = 0; i < taps->size(); ++i) {
      co_await drain(*taps, i, stream, i == 0 ? std::chrono::nanoseconds(20ms) : 0ns);
      ended = ended && (*taps)[i]->ended();
    }
    if (!(co_await flush(stream, writer)).ok()) co_return;
  }
  stream.pending() += encode(end_of(*taps, stream));
  (void)co_await flush(stream, writer);
}

}  // namespace skiff::trace
