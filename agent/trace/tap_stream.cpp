// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/tap_stream.h"

#include <spdlog/spdlog.h>

#include <map>
#include <unordered_set>

#include "agent/trace/tap_wire.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;

constexpr size_t kChunkBytes = 64 * 1024;
constexpr size_t kMostFollowed = 8192;
constexpr auto kTallyPeriod = 100ms;

// What one client is sent: makes messages of records, places before the packets seen there.
class Stream {
 public:
  Stream(const TapRequest& request, Names& names) : request_(request), names_(names) {}

  void take(const TapRecord& record) {
    if (enough() || !is_wanted(record.event)) return;
    const skiff_trace_header& header = record.event.header;
    const auto [known, is_new] = places_.try_emplace({header.netns_cookie, header.ifindex},
                                                     static_cast<uint32_t>(places_.size()));
    if (is_new) introduce(known->second, header);
    add(TapPacket{.time = record.time,
                  .place = known->second,
                  .event = record.event,
                  .note = note_of(record.event),
                  .bytes = record.bytes});
    ++packets_;
  }
  void take(const FlowRecord& record) {
    const auto tuple_of = [&](const Peer& source, const Peer& destination) {
      skiff_tuple tuple{};
      tuple.source = datapath::to_abi(source.address);
      tuple.destination = datapath::to_abi(destination.address);
      tuple.destination_port = datapath::port_be(destination.port);
      tuple.protocol = record.protocol;
      return tuple;
    };
    TapSocket socket{.time = record.time, .pod = record.pod_here};
    socket.asked = tuple_of(record.client, record.asked);
    const bool refused = record.kind == Kind::kRefused;
    socket.given = refused ? skiff_tuple{} : tuple_of(record.client, record.backend);
    socket.why = refused ? record.reason : record.lb_reason;
    add(socket);
  }
  void add(const TapMessage& message) { pending_ += encode(message); }
  bool enough() const { return request_.count != 0 && packets_ >= request_.count; }
  uint64_t packets() const { return packets_; }
  std::string& pending() { return pending_; }

 private:
  // At points a packet is followed as whatever it has become, once it was wanted.
  bool is_wanted(const skiff_tap_event& event) {
    if (event.packet == 0) return wants(request_, event);
    if (followed_.contains(event.packet) || followed_before_.contains(event.packet)) return true;
    if (!wants(request_, event)) return false;
    if (followed_.size() >= kMostFollowed) followed_before_ = std::exchange(followed_, {});
    followed_.insert(event.packet);
    return true;
  }
  std::string note_of(const skiff_tap_event& event) {
    if (event.point != SKIFF_POINT_DROPPED) return "";
    return fmt::format("{} at {}", names_.kernel_reason(event.reason),
                       names_.symbol(event.location));
  }
  void introduce(uint32_t number, const skiff_trace_header& header) {
    const Place place = names_.place(header.netns_cookie, header.ifindex);
    TapPlace message{.number = number, .interface = place.interface, .inside = place.inside};
    if (place.who && place.who->kind == Identity::Kind::kPod)
      message.pod = place.who->namespace_ + "/" + place.who->name;
    add(message);
  }

  const TapRequest& request_;
  Names& names_;
  std::map<std::pair<uint64_t, uint32_t>, uint32_t> places_;
  std::unordered_set<uint64_t> followed_, followed_before_;  // forgotten when another 8,192 came
  std::string pending_;
  uint64_t packets_ = 0;
};

using OpenTaps = std::vector<std::unique_ptr<Tap>>;

Result<OpenTaps> open_taps(Taps& taps, const TapRequest& request) {
  OpenTaps open;
  for (const TapSpec& spec : taps_of(request)) {
    ASSIGN_OR_RETURN(auto tap, taps.open(spec));
    open.push_back(std::move(tap));
  }
  return open;
}

// Matched by an earlier tap of ours as well: it came through that one.
bool is_repeated(const TapRecord& record, const OpenTaps& taps, size_t index) {
  for (size_t i = 0; i < index; ++i)
    if (record.event.taps & (1U << taps[i]->slot())) return true;
  return false;
}

awaitable<void> drain(OpenTaps& taps, size_t index, Stream& stream,
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

// What the ring and the limit have cost all taps of the node; nothing where it cannot be read.
datapath::TraceLosses::Class tap_losses(const std::string& pin_dir) {
  const auto losses = datapath::read_trace_losses(pin_dir);
  return losses.ok() ? losses->tap : datapath::TraceLosses::Class{};
}

// Since its beginning, from time to time.
class Tally {
 public:
  explicit Tally(const std::string& pin_dir) : pin_dir_(pin_dir), before_(tap_losses(pin_dir)) {}

  TapTally now(const OpenTaps& taps, const Stream& stream, std::string reason) const {
    const auto after = tap_losses(pin_dir_);
    TapTally tally{.packets = stream.packets(),
                   .lost = 0,
                   .lost_ring = after.ring_full - before_.ring_full,
                   .lost_limit = after.limited - before_.limited,
                   .reason = std::move(reason)};
    for (const auto& tap : taps) tally.lost += tap->lost();
    return tally;
  }
  // A client that is interrupted reads no last one: it is told as it goes on.
  void tell_news(const OpenTaps& taps, Stream& stream) {
    const auto time = std::chrono::steady_clock::now();
    if (time < next_) return;
    next_ = time + kTallyPeriod;
    const TapTally tally = now(taps, stream, "");
    if (std::exchange(told_, tally.all_lost()) != tally.all_lost()) stream.add(tally);
  }

 private:
  const std::string& pin_dir_;
  datapath::TraceLosses::Class before_;
  std::chrono::steady_clock::time_point next_;
  uint64_t told_ = 0;
};

// A socket that asked for a Service, of somebody the expression is about.
bool begins_a_path(const FlowRecord& record, const TapRequest& request) {
  if (record.hook != SKIFF_HOOK_SOCKET) return false;
  const bool lost = record.kind == Kind::kRefused;
  if (request.dropped && !lost) return false;
  const auto ends = [&](const Peer& to) {
    return PacketEnds{.source = record.client.address,
                      .destination = to.address,
                      .source_port = 0,
                      .destination_port = to.port,
                      .protocol = record.protocol,
                      .dropped = lost};
  };
  return matches(request.expression, ends(record.asked)) ||
         (!lost && matches(request.expression, ends(record.backend)));
}

awaitable<Status> refuse(http::ResponseWriter& writer, const Status& problem) {
  const int status = problem.code() == StatusCode::kInvalidArgument     ? 400
                     : problem.code() == StatusCode::kResourceExhausted ? 429
                                                                        : 500;
  co_return co_await writer.respond(
      http::Response::text(status, fmt::format("{}\n", message(problem))));
}

}  // namespace

awaitable<void> TapHandler::serve(http::Request request, http::ResponseWriter& writer) {
  const auto asked = parse_tap_query(request.query);
  if (!asked.ok()) {
    (void)co_await refuse(writer, asked.status());
    co_return;
  }
  Stream stream(*asked, sources_.names);
  Paths::Points points;
  if (asked->path) {  // before the taps: a path is told whole, or not at all
    auto attached = co_await paths_.attach();
    stream.add(TapCoverage{attached.ok() ? describe((*attached)->coverage())
                                         : std::string(message(attached.status()))});
    if (attached.ok()) points = *attached;
  }
  auto taps = open_taps(sources_.taps, *asked);
  if (!taps.ok()) {
    (void)co_await refuse(writer, taps.status());
    co_return;
  }
  std::unique_ptr<Subscription> sockets;
  if (asked->path)
    sockets = sources_.hub.subscribe(
        [&asked](const FlowRecord& record) { return begins_a_path(record, *asked); }, {});
  http::Headers headers;
  headers.add("content-type", "application/octet-stream");
  if (!(co_await writer.start(200, std::move(headers))).ok()) co_return;
  Tally tally(sources_.pin_dir);
  bool ended = false;
  while (!ended && !stream.enough() && !writer.cancelled()) {
    ended = true;
    for (size_t i = 0; i < taps->size(); ++i) {
      if ((*taps)[i]->ended()) continue;
      // The first that has not ended is waited for: one that has would return at once, again and
      // again.
      co_await drain(*taps, i, stream, ended ? std::chrono::nanoseconds(20ms) : 0ns);
      ended = false;
    }
    while (sockets) {
      const FlowRecordPtr record = co_await sockets->next(0ns);
      if (!record) break;
      stream.take(*record);
    }
    tally.tell_news(*taps, stream);
    if (!(co_await flush(stream, writer)).ok()) co_return;
  }
  stream.add(
      tally.now(*taps, stream, stream.enough() ? "as many as asked for" : "its time is over"));
  (void)co_await flush(stream, writer);
}

}  // namespace skiff::trace
