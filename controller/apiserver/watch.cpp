// SPDX-License-Identifier: Apache-2.0
// WATCH: initial objects if asked for, then events as they come, bookmarks between them, until the
// client or its time is gone. Timers and the client's end wake the one suspended coroutine by
// cancelling its store watcher, which is then opened again where it was.
#include <fmt/format.h>

#include <random>

#include "controller/apiserver/errors.h"
#include "controller/apiserver/list_options.h"
#include "controller/apiserver/verbs.h"
#include "controller/apiserver/watch_encoder.h"

namespace skiff::apiserver {
namespace {

constexpr std::chrono::seconds kBookmarkPeriod{60};
constexpr size_t kWriteBytes = 256 * 1024;

// What wakes a watch besides events. Shared with timers and the connection, which may outlive the
// watch.
struct Waker {
  store::Watcher* watcher = nullptr;
  bool client_gone = false;
  bool time_over = false;

  void wake() {
    if (watcher != nullptr) watcher->cancel();
  }
};
using WakerPtr = std::shared_ptr<Waker>;

// Lines written together: few large writes while many events wait, each at once while few do.
class LineWriter {
 public:
  explicit LineWriter(http::ResponseWriter& writer) : writer_(writer) {}

  awaitable<Status> add(Line line) {
    if (!line) co_return absl::OkStatus();
    bytes_ += line->size();
    lines_.push_back(std::move(line));
    if (bytes_ >= kWriteBytes) co_return co_await flush();
    co_return absl::OkStatus();
  }
  awaitable<Status> flush() {
    if (lines_.empty()) co_return absl::OkStatus();
    Line chunk = lines_.front();
    if (lines_.size() > 1) {
      std::string joined;
      joined.reserve(bytes_);
      for (const Line& line : lines_) joined += *line;
      chunk = std::make_shared<const std::string>(std::move(joined));
    }
    lines_.clear();
    bytes_ = 0;
    co_return co_await writer_.write(std::move(chunk));
  }

 private:
  http::ResponseWriter& writer_;
  std::vector<Line> lines_;
  size_t bytes_ = 0;
};

// Like kube-apiserver: 30 to 60 minutes, so that watchers do not all return at once.
std::chrono::seconds default_timeout() {
  static std::minstd_rand random{std::random_device{}()};
  return std::chrono::seconds(1800 + random() % 1800);
}

// Where a watch begins: objects to send as ADDED first, and the revision to go on from.
struct Start {
  std::vector<store::RecordPtr> initial;
  int64_t revision = 0;
  bool announce_end = false;
};

awaitable<Result<Start>> find_start(Backend& backend, const std::string& prefix,
                                    const ListOptions& options) {
  const int64_t asked = options.revision.value_or(0);
  if (asked > 0) {
    const Status reached = co_await backend.store.reach(asked, backend.freshness);
    if (!reached.ok()) co_return errors::too_large_revision(asked, backend.store.revision());
  }
  const bool wants_initial = options.send_initial_events.value_or(asked == 0);
  if (!wants_initial) co_return Start{.revision = asked > 0 ? asked : backend.store.revision()};
  CO_ASSIGN_OR_RETURN(store::Snapshot snapshot, backend.store.list({.prefix = prefix}));
  co_return Start{.initial = std::move(snapshot.records),
                  .revision = snapshot.revision,
                  .announce_end = options.send_initial_events.value_or(false) && options.bookmarks};
}

Status too_old(int64_t revision, const store::Store& store) {
  return errors::expired(
      fmt::format("too old resource version: {} ({})", revision, store.oldest_revision()));
}

// One watch after its head was sent. An error ends it: the client has gone.
class Session {
 public:
  Session(Backend& backend, WatchEncoder& encoder, http::ResponseWriter& writer, WakerPtr waker,
          std::string prefix)
      : backend_(backend),
        encoder_(encoder),
        out_(writer),
        waker_(std::move(waker)),
        prefix_(std::move(prefix)) {}
  ~Session() { waker_->watcher = nullptr; }

  awaitable<Status> send_initial(const Start& start) {
    for (const store::RecordPtr& record : start.initial)
      CO_RETURN_IF_ERROR(co_await out_.add(encoder_.initial(record)));
    if (start.announce_end)
      CO_RETURN_IF_ERROR(co_await out_.add(encoder_.bookmark(start.revision, true)));
    co_return co_await out_.flush();
  }

  awaitable<Status> run(int64_t revision, bool bookmarks) {
    while (true) {
      if (watcher_ == nullptr && !open(revision)) co_return co_await end_expired(revision);
      auto events = co_await watcher_->next();
      if (events.ok()) {
        for (const store::EventPtr& event : *events)
          CO_RETURN_IF_ERROR(co_await out_.add(encoder_.encode(*event)));
        CO_RETURN_IF_ERROR(co_await out_.flush());
        continue;
      }
      revision = watcher_->revision();
      close();
      if (events.status().code() != StatusCode::kCancelled)
        co_return co_await end_expired(revision);
      if (waker_->client_gone) co_return absl::OkStatus();
      if (bookmarks) CO_RETURN_IF_ERROR(co_await out_.add(encoder_.bookmark(revision, false)));
      CO_RETURN_IF_ERROR(co_await out_.flush());
      if (waker_->time_over) co_return absl::OkStatus();
    }
  }

 private:
  bool open(int64_t revision) {
    auto watcher = backend_.store.watch(prefix_, revision);
    if (!watcher.ok()) return false;
    watcher_ = std::move(*watcher);
    waker_->watcher = watcher_.get();
    if (waker_->client_gone || waker_->time_over) watcher_->cancel();
    return true;
  }
  void close() {
    waker_->watcher = nullptr;
    watcher_.reset();
  }
  awaitable<Status> end_expired(int64_t revision) {
    close();
    CO_RETURN_IF_ERROR(co_await out_.add(encoder_.error(too_old(revision, backend_.store))));
    co_return co_await out_.flush();
  }

  Backend& backend_;
  WatchEncoder& encoder_;
  LineWriter out_;
  WakerPtr waker_;
  std::string prefix_;
  std::unique_ptr<store::Watcher> watcher_;
};

void start_bookmark_timer(asio::steady_timer& timer, WakerPtr waker) {
  timer.expires_after(kBookmarkPeriod);
  timer.async_wait([&timer, waker](const boost::system::error_code& error) {
    if (error) return;
    waker->wake();
    start_bookmark_timer(timer, waker);
  });
}

}  // namespace

awaitable<Status> watch(Backend& backend, Call& call, http::ResponseWriter& writer) {
  CO_ASSIGN_OR_RETURN(const ListOptions options, parse_list_options(call.query(), true));
  CO_ASSIGN_OR_RETURN(const Selection selection, Selection::parse(call));
  // One name in one namespace: its key as the prefix keeps all other events away; the selection
  // tells `web` from `web2`.
  const std::string_view name = selection.only_name();
  std::string prefix = call.prefix();
  if (!call.resource->kind->namespaced || !call.namespace_().empty()) prefix += name;
  CO_ASSIGN_OR_RETURN(const Start start, co_await find_start(backend, prefix, options));

  http::Headers headers;
  headers.set("content-type", "application/json");
  headers.set("cache-control", "no-cache, private");
  if (!(co_await writer.start(200, std::move(headers))).ok()) co_return absl::OkStatus();

  auto waker = std::make_shared<Waker>();
  writer.on_cancel([waker] {
    waker->client_gone = true;
    waker->wake();
  });
  WatchEncoder encoder(backend, call, selection);
  Session session(backend, encoder, writer, waker, prefix);
  asio::steady_timer deadline(backend.executor,
                              options.timeout.count() > 0 ? options.timeout : default_timeout());
  deadline.async_wait([waker](const boost::system::error_code& error) {
    if (error) return;
    waker->time_over = true;
    waker->wake();
  });
  asio::steady_timer bookmark_timer(backend.executor);
  if (options.bookmarks) start_bookmark_timer(bookmark_timer, waker);
  if ((co_await session.send_initial(start)).ok())
    (void)co_await session.run(start.revision, options.bookmarks);
  co_return absl::OkStatus();
}

}  // namespace skiff::apiserver
