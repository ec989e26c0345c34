// SPDX-License-Identifier: Apache-2.0
#include "base/http/client.h"

#include "base/http/client_core.h"
#include "base/http/dial.h"
#include "base/http/h1_client.h"

namespace skiff::http {
namespace {

constexpr size_t kRefusalBytes = 64 * 1024;  // of the body of a refused upgrade

// Destroying it gives the exchange up; whoever still waits in it keeps it alive.
class ExchangeReader final : public BodyReader {
 public:
  ExchangeReader(std::shared_ptr<Exchange> exchange, std::string where)
      : exchange_(std::move(exchange)), where_(std::move(where)) {}
  ~ExchangeReader() override { exchange_->cancel(cancelled("reader destroyed")); }
  int status() const override { return exchange_->status(); }
  const Headers& headers() const override { return exchange_->headers(); }
  awaitable<Result<std::string>> read() override { return read_from(exchange_, where_); }

 private:
  static awaitable<Result<std::string>> read_from(std::shared_ptr<Exchange> exchange,
                                                  std::string where) {
    auto piece = co_await exchange->read();
    if (!piece.ok()) co_return annotate(piece.status(), where);
    co_return piece;
  }

  std::shared_ptr<Exchange> exchange_;
  std::string where_;
};

// Ends an exchange that takes too long. Shared with its timer.
struct TimeLimit {
  TimeLimit(const Executor& executor, std::chrono::milliseconds duration)
      : timer(executor, duration), seconds(static_cast<double>(duration.count()) / 1000) {}
  Status status() const { return deadline_exceeded("no answer within {:g}s", seconds); }

  asio::steady_timer timer;
  double seconds;
  std::shared_ptr<Exchange> exchange;
  bool expired = false;
};

std::shared_ptr<TimeLimit> start_limit(const Executor& executor,
                                       std::chrono::milliseconds duration) {
  auto limit = std::make_shared<TimeLimit>(executor, duration);
  limit->timer.async_wait([limit](const boost::system::error_code& stopped) {
    if (stopped) return;
    limit->expired = true;
    if (limit->exchange != nullptr) limit->exchange->cancel(limit->status());
  });
  return limit;
}

awaitable<Status> read_body(Exchange& exchange, size_t limit, Response& response) {
  response.status = exchange.status();
  response.headers = exchange.headers();
  std::string body;
  while (body.size() < limit) {
    CO_ASSIGN_OR_RETURN(std::string piece, co_await exchange.read());
    if (piece.empty()) break;
    if (body.empty()) {
      body = std::move(piece);
    } else {
      body += piece;
    }
  }
  if (body.size() >= limit) {
    body.resize(limit);
    exchange.cancel(cancelled("enough of the answer"));
  }
  if (!body.empty()) response.body.push_back(std::make_shared<const std::string>(std::move(body)));
  co_return absl::OkStatus();
}

awaitable<Result<Response>> fetch_with(std::shared_ptr<ClientCore> core, Request request) {
  const auto limit = start_limit(core->executor, core->options.request_timeout);
  auto exchange = co_await begin(core, std::make_shared<const Request>(std::move(request)),
                                 [limit](const std::shared_ptr<Exchange>& begun) {
                                   limit->exchange = begun;
                                   if (limit->expired) begun->cancel(limit->status());
                                 });
  Response response;
  Status status = exchange.status();
  if (status.ok()) {
    status =
        annotate(co_await read_body(**exchange, core->options.body_limit, response), core->where());
  }
  limit->exchange = nullptr;
  limit->timer.cancel();
  CO_RETURN_IF_ERROR(status);
  co_return response;
}

awaitable<Result<std::unique_ptr<BodyReader>>> stream_with(std::shared_ptr<ClientCore> core,
                                                           Request request) {
  CO_ASSIGN_OR_RETURN(
      auto exchange,
      co_await begin(core, std::make_shared<const Request>(std::move(request)), nullptr));
  co_return std::make_unique<ExchangeReader>(std::move(exchange), core->where());
}

// Reads the head, and the body of a refusal.
awaitable<Status> read_upgrade(H1Exchange& exchange, Upgrade& upgrade) {
  CO_RETURN_IF_ERROR(co_await exchange.head());
  upgrade.answer.status = exchange.status();
  upgrade.answer.headers = exchange.headers();
  if (exchange.upgraded()) {
    upgrade.stream = exchange.detach();
    co_return absl::OkStatus();
  }
  std::string body;
  while (body.size() < kRefusalBytes) {
    CO_ASSIGN_OR_RETURN(const std::string piece, co_await exchange.read());
    if (piece.empty()) break;
    body += piece;
  }
  upgrade.answer.body.push_back(std::make_shared<const std::string>(std::move(body)));
  co_return absl::OkStatus();
}

awaitable<Result<Upgrade>> upgrade_with(std::shared_ptr<ClientCore> core, Request request) {
  CO_ASSIGN_OR_RETURN(auto wire, co_await dial({.host = core->options.host,
                                                .port = core->options.port,
                                                .tls = core->options.tls,
                                                .server_name = core->options.server_name,
                                                .timeout = core->options.connect_timeout}));
  auto inbox = std::make_shared<Inbox>(core->executor, wire);
  inbox->start();
  const auto exchange = std::make_shared<H1Exchange>(
      H1Link{std::move(wire), std::move(inbox)},
      std::make_shared<const Request>(std::move(request)), core->authority(), false, nullptr);
  const auto limit = start_limit(core->executor, core->options.request_timeout);
  limit->exchange = exchange;
  Upgrade upgrade;
  const Status read = co_await read_upgrade(*exchange, upgrade);
  limit->exchange = nullptr;
  limit->timer.cancel();
  CO_RETURN_IF_ERROR(read, "{}", core->where());
  co_return upgrade;
}

class AsioClient final : public Client {
 public:
  AsioClient(const Executor& executor, ClientOptions options)
      : core_(std::make_shared<ClientCore>(executor, std::move(options))) {}
  ~AsioClient() override { core_->shut_down(); }

  awaitable<Result<Response>> fetch(Request request) override {
    return fetch_with(core_, std::move(request));
  }
  awaitable<Result<std::unique_ptr<BodyReader>>> stream(Request request) override {
    return stream_with(core_, std::move(request));
  }
  awaitable<Result<Upgrade>> upgrade(Request request) override {
    return upgrade_with(core_, std::move(request));
  }

 private:
  std::shared_ptr<ClientCore> core_;
};

}  // namespace

std::unique_ptr<Client> Client::make(const Executor& executor, ClientOptions options) {
  return std::make_unique<AsioClient>(executor, std::move(options));
}

}  // namespace skiff::http
