// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/dns.h"

#include "agent/dns/upstream.h"

namespace skiff::dns {

using asio::ip::tcp;
using asio::ip::udp;
using Error = boost::system::error_code;

// Shared by the tasks that serve, which end after stop() in their own time.
struct ServerState {
  ServerState(const Executor& executor_, Options options_, Zone zone, const View& view,
              const Clock& clock)
      : executor(executor_),
        options(std::move(options_)),
        responder(executor_, std::move(zone), options.resolver, view, clock) {}

  Executor executor;
  Options options;
  Responder responder;
  uint16_t port = 0;
  bool stopped = false;
  size_t connections = 0;
  std::vector<std::shared_ptr<udp::socket>> sockets;
  std::vector<std::shared_ptr<tcp::acceptor>> acceptors;
};

namespace {

using StatePtr = std::shared_ptr<ServerState>;
using TcpPtr = std::shared_ptr<tcp::socket>;

constexpr size_t kMaxQueryBytes = 4096;
constexpr size_t kMaxConnections = 256;
constexpr std::chrono::seconds kIdleTimeout{10};
constexpr std::chrono::milliseconds kAcceptPause{100};

template <class Socket, class Endpoint>
Ends ends_of(const Socket& socket, const Endpoint& from) {
  Error ignored;
  return {.client = from_asio(from.address()),
          .client_port = from.port(),
          .server = from_asio(socket.local_endpoint(ignored).address())};
}

void send(udp::socket& socket, const udp::endpoint& to, const std::string& wire) {
  if (wire.empty()) return;
  Error ignored;  // a full buffer loses the answer, and the client asks again
  socket.send_to(asio::buffer(wire), to, 0, ignored);
}

awaitable<void> finish(StatePtr state, std::shared_ptr<udp::socket> socket, udp::endpoint to,
                       Responder::Draft draft) {
  const std::string wire = co_await state->responder.complete(std::move(draft));
  if (!state->stopped) send(*socket, to, wire);
}

awaitable<void> serve_udp(StatePtr state, std::shared_ptr<udp::socket> socket) {
  std::string buffer(kMaxQueryBytes, '\0');
  while (!state->stopped) {
    udp::endpoint from;
    Error error;
    const size_t size = co_await socket->async_receive_from(
        asio::buffer(buffer), from, asio::redirect_error(asio::use_awaitable, error));
    if (error || state->stopped) continue;
    Responder::Outcome outcome = state->responder.respond(std::string_view(buffer).substr(0, size),
                                                          true, ends_of(*socket, from));
    if (outcome.draft)
      spawn(state->executor, "dns forward", finish(state, socket, from, std::move(*outcome.draft)));
    else
      send(*socket, from, outcome.wire);
  }
}

// The length of the next message, or zero at the end of the connection.
awaitable<size_t> read_length(TcpPtr connection) {
  asio::steady_timer timer(connection->get_executor(), kIdleTimeout);
  timer.async_wait([weak = std::weak_ptr(connection)](const Error& cancelled) {
    if (const auto idle = weak.lock(); idle && !cancelled) idle->close();
  });
  std::array<uint8_t, 2> length{};
  Error error;
  co_await asio::async_read(*connection, asio::buffer(length),
                            asio::redirect_error(asio::use_awaitable, error));
  co_return error ? 0 : size_t{length[0]} << 8 | length[1];
}

awaitable<void> serve_connection(StatePtr state, TcpPtr connection) {
  Error error;
  const tcp::endpoint peer = connection->remote_endpoint(error);
  const Ends ends = error ? Ends{} : ends_of(*connection, peer);
  error.clear();
  while (!state->stopped && !error) {
    std::string body(co_await read_length(connection), '\0');
    if (body.empty()) break;
    co_await asio::async_read(*connection, asio::buffer(body),
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    Responder::Outcome outcome = state->responder.respond(body, false, ends);
    if (outcome.draft) outcome.wire = co_await state->responder.complete(std::move(*outcome.draft));
    if (outcome.wire.empty()) break;
    const size_t size = outcome.wire.size();
    outcome.wire.insert(0, {static_cast<char>(size >> 8), static_cast<char>(size)});
    co_await asio::async_write(*connection, asio::buffer(outcome.wire),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  --state->connections;
}

awaitable<void> serve_tcp(StatePtr state, std::shared_ptr<tcp::acceptor> acceptor) {
  while (!state->stopped) {
    Error error;
    auto connection = std::make_shared<tcp::socket>(
        co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error)));
    if (error && !state->stopped) co_await sleep_for(kAcceptPause);
    if (error || state->stopped || state->connections >= kMaxConnections) continue;
    ++state->connections;
    spawn(state->executor, "dns connection", serve_connection(state, std::move(connection)));
  }
}

Status bind(ServerState& state, const IpAddress& ip) {
  const asio::ip::address address = to_asio(ip);
  const auto protocol = address.is_v4() ? udp::v4() : udp::v6();
  auto socket = std::make_shared<udp::socket>(state.executor);
  Error error;
  socket->open(protocol, error);
  if (!error) socket->bind({address, state.port}, error);
  if (!error) socket->non_blocking(true, error);
  if (!error && state.port == 0) state.port = socket->local_endpoint().port();
  if (error)
    return errno_status(error.value(), fmt::format("udp {}:{}", ip.to_string(), state.port));

  auto acceptor = std::make_shared<tcp::acceptor>(state.executor);
  acceptor->open(address.is_v4() ? tcp::v4() : tcp::v6(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind({address, state.port}, error);
  if (!error) acceptor->listen(tcp::acceptor::max_listen_connections, error);
  if (error)
    return errno_status(error.value(), fmt::format("tcp {}:{}", ip.to_string(), state.port));
  state.sockets.push_back(std::move(socket));
  state.acceptors.push_back(std::move(acceptor));
  return absl::OkStatus();
}

Zone zone_of(const Options& options) {
  return {.domain = split_name(options.domain),
          .addresses = options.addresses,
          .reverse_ranges = options.reverse_ranges};
}

constexpr int kTriesOfAnyPort = 20;

Status bind_all(ServerState& state) {
  state.sockets.clear();
  state.acceptors.clear();
  state.port = state.options.port;
  for (const IpAddress& address : state.options.addresses) RETURN_IF_ERROR(bind(state, address));
  return absl::OkStatus();
}

}  // namespace

Dns::Dns(Executor executor, Options options, const View& view, const Clock& clock) {
  // A node whose resolv.conf names the cluster's DNS must not make us ask ourselves.
  options.resolver.excluded.insert(options.resolver.excluded.end(), options.addresses.begin(),
                                   options.addresses.end());
  Zone zone = zone_of(options);
  state_ =
      std::make_shared<ServerState>(executor, std::move(options), std::move(zone), view, clock);
}

Dns::~Dns() {
  stop();
}

Status Dns::start() {
  // Any port: the kernel chooses one that is free for UDP, and TCP may have it in use.
  int tries = state_->options.port == 0 ? kTriesOfAnyPort : 1;
  Status bound = bind_all(*state_);
  while (!bound.ok() && --tries > 0) bound = bind_all(*state_);
  RETURN_IF_ERROR(bound, "start DNS");
  for (const auto& socket : state_->sockets)
    spawn(state_->executor, "dns udp", serve_udp(state_, socket));
  for (const auto& acceptor : state_->acceptors)
    spawn(state_->executor, "dns tcp", serve_tcp(state_, acceptor));
  return absl::OkStatus();
}

void Dns::stop() {
  state_->stopped = true;
  Error ignored;
  for (const auto& socket : state_->sockets) socket->close(ignored);
  for (const auto& acceptor : state_->acceptors) acceptor->close(ignored);
}

void Dns::observe(ExchangeObserver observer) {
  state_->responder.observe(std::move(observer));
}

uint16_t Dns::port() const {
  return state_->port;
}

Counters Dns::counters() const {
  return state_->responder.counters();
}

}  // namespace skiff::dns
