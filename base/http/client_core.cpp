// SPDX-License-Identifier: Apache-2.0
#include "base/http/client_core.h"

#include "base/http/dial.h"

namespace skiff::http {
namespace {

constexpr size_t kMaxIdle = 8;
constexpr int kAttempts = 3;

std::shared_ptr<Exchange> over_h1(const std::shared_ptr<ClientCore>& core, H1Link link,
                                  std::shared_ptr<const Request> request, bool reused) {
  const std::weak_ptr<ClientCore> weak = core;
  return std::make_shared<H1Exchange>(std::move(link), std::move(request), core->authority(),
                                      reused, [weak](H1Link served) {
                                        const auto self = weak.lock();
                                        if (self == nullptr) return served.wire->close();
                                        self->put_idle(weak, std::move(served));
                                      });
}

// Dials, for everybody who waits unless the server speaks HTTP/1.1. Null: look again.
awaitable<Result<std::shared_ptr<Exchange>>> over_new_connection(
    std::shared_ptr<ClientCore> core, std::shared_ptr<const Request> request) {
  const bool alone = core->speaks_h1 || core->options.tls == nullptr;
  if (!alone) core->dialling = true;
  auto wire = co_await dial({.host = core->options.host,
                             .port = core->options.port,
                             .tls = core->options.tls,
                             .server_name = core->options.server_name,
                             .offer_h2 = true,
                             .timeout = core->options.connect_timeout});
  if (!alone) {
    core->dialling = false;
    core->dial_failure = wire.ok() ? absl::OkStatus() : wire.status();
    core->dialled.notify();
  }
  CO_RETURN_IF_ERROR(wire);
  if (core->closed) co_return nullptr;
  core->speaks_h1 = (*wire)->protocol() != "h2";
  if (!core->speaks_h1) {
    core->session = std::make_shared<H2ClientSession>(core->executor, std::move(*wire),
                                                      core->options.ping_interval);
    core->session->connect();
    co_return nullptr;
  }
  auto inbox = std::make_shared<Inbox>(core->executor, *wire);
  inbox->start();
  co_return over_h1(core, {std::move(*wire), std::move(inbox)}, std::move(request), false);
}

awaitable<Result<std::shared_ptr<Exchange>>> open(std::shared_ptr<ClientCore> core,
                                                  std::shared_ptr<const Request> request) {
  while (!core->closed) {
    if (core->session != nullptr && core->session->is_usable()) {
      co_return core->session->open(*request, core->authority());
    }
    if (H1Link link = core->take_idle(); link.wire != nullptr) {
      co_return over_h1(core, std::move(link), std::move(request), true);
    }
    if (core->dialling) {
      co_await core->dialled.wait();
      CO_RETURN_IF_ERROR(core->dial_failure);
      continue;
    }
    CO_ASSIGN_OR_RETURN(auto exchange, co_await over_new_connection(core, request));
    if (exchange != nullptr) co_return exchange;
  }
  co_return cancelled("client closed");
}

}  // namespace

ClientCore::ClientCore(const Executor& loop, ClientOptions chosen)
    : executor(loop), options(std::move(chosen)), dialled(loop) {}

std::string ClientCore::where() const {
  return options.host.starts_with("unix:") ? options.host : host_port(options.host, options.port);
}

std::string ClientCore::authority() const {
  return options.host.starts_with("unix:") ? "localhost" : where();
}

void ClientCore::shut_down() {
  closed = true;
  if (session != nullptr) session->close(cancelled("client closed"));
  session = nullptr;
  for (const H1Link& link : std::exchange(idle, {})) {
    link.inbox->on_end(nullptr);
    link.wire->close();
  }
}

H1Link ClientCore::take_idle() {
  while (!idle.empty()) {
    H1Link link = std::move(idle.back());
    idle.pop_back();
    link.inbox->on_end(nullptr);
    if (!link.inbox->ended() && link.inbox->bytes().empty()) return link;
    link.wire->close();
  }
  return {};
}

void ClientCore::put_idle(const std::weak_ptr<ClientCore>& self, H1Link link) {
  if (closed || link.inbox->ended() || idle.size() >= kMaxIdle) return link.wire->close();
  link.inbox->on_end([self, wire = link.wire.get()] {
    const auto core = self.lock();
    if (core == nullptr) return;
    core->idle.remove_if([wire](const H1Link& candidate) { return candidate.wire.get() == wire; });
  });
  idle.push_back(std::move(link));
}

awaitable<Result<std::shared_ptr<Exchange>>> begin(
    std::shared_ptr<ClientCore> core, std::shared_ptr<const Request> request,
    std::function<void(const std::shared_ptr<Exchange>&)> begun) {
  for (int attempt = 1;; ++attempt) {
    CO_ASSIGN_OR_RETURN(auto exchange, co_await open(core, request));
    if (begun) begun(exchange);
    const Status head = co_await exchange->head();
    if (head.ok()) co_return exchange;
    if (!exchange->unprocessed() || attempt == kAttempts) co_return annotate(head, core->where());
  }
}

}  // namespace skiff::http
