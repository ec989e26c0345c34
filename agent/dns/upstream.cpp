// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/upstream.h"

#include <algorithm>

namespace skiff::dns {
namespace {

using asio::ip::tcp;
using asio::ip::udp;
using Error = boost::system::error_code;

constexpr size_t kMaxServers = 3;

// Closes the socket when time is up, unless the wait is over before.
template <class Socket>
class Deadline {
 public:
  Deadline(const std::shared_ptr<Socket>& socket, std::chrono::milliseconds timeout)
      : timer_(socket->get_executor(), timeout) {
    timer_.async_wait([weak = std::weak_ptr(socket)](const Error& cancelled) {
      if (const auto late = weak.lock(); late && !cancelled) late->close();
    });
  }

 private:
  asio::steady_timer timer_;
};

template <class Socket>
Status failure(const Socket& socket, const IpAddress& server, const Error& error) {
  if (!socket.is_open()) return deadline_exceeded("name server {}: no answer", server.to_string());
  return unavailable("name server {}: {}", server.to_string(), error.message());
}

awaitable<Result<Message>> by_udp(const IpAddress& server, udp::endpoint endpoint,
                                  const Message& query, std::chrono::milliseconds timeout) {
  auto socket = std::make_shared<udp::socket>(co_await asio::this_coro::executor);
  const Deadline deadline(socket, timeout);
  Error error;
  // Connected: the kernel takes answers of this server alone, and a closed port is told at once.
  co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  const std::string wire = query.wire(kMaxUdpBytes);
  if (!error)
    co_await socket->async_send(asio::buffer(wire),
                                asio::redirect_error(asio::use_awaitable, error));
  std::string buffer(4096, '\0');
  while (!error) {
    const size_t size = co_await socket->async_receive(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    Result<Message> answer = Message::parse(std::string_view(buffer).substr(0, size));
    // Anything else is late or forged: the wait goes on.
    if (answer.ok() && query.is_answered_by(*answer)) co_return answer;
  }
  co_return failure(*socket, server, error);
}

awaitable<Result<Message>> by_tcp(const IpAddress& server, tcp::endpoint endpoint,
                                  const Message& query, std::chrono::milliseconds timeout) {
  auto socket = std::make_shared<tcp::socket>(co_await asio::this_coro::executor);
  const Deadline deadline(socket, timeout);
  Error error;
  co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  const std::string wire = query.wire(kMaxTcpBytes);
  std::string frame = {static_cast<char>(wire.size() >> 8), static_cast<char>(wire.size())};
  frame += wire;
  if (!error)
    co_await asio::async_write(*socket, asio::buffer(frame),
                               asio::redirect_error(asio::use_awaitable, error));
  std::array<uint8_t, 2> length{};
  if (!error)
    co_await asio::async_read(*socket, asio::buffer(length),
                              asio::redirect_error(asio::use_awaitable, error));
  std::string body(size_t{length[0]} << 8 | length[1], '\0');
  if (!error)
    co_await asio::async_read(*socket, asio::buffer(body),
                              asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(*socket, server, error);
  CO_ASSIGN_OR_RETURN(Message answer, Message::parse(body), "name server {}", server.to_string());
  if (!query.is_answered_by(answer))
    co_return unavailable("name server {}: answers another question", server.to_string());
  co_return answer;
}

}  // namespace

std::vector<IpAddress> parse_nameservers(std::string_view text,
                                         std::span<const IpAddress> excluded) {
  constexpr std::string_view kBlank = " \t\r";
  std::vector<IpAddress> servers;
  while (!text.empty() && servers.size() < kMaxServers) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    if (!line.starts_with("nameserver")) continue;
    line.remove_prefix(std::string_view("nameserver").size());
    const size_t start = line.find_first_not_of(kBlank);
    if (start == 0 || start == std::string_view::npos) continue;
    line = line.substr(start, line.find_first_of(kBlank, start) - start);
    const auto server = IpAddress::parse(line);
    if (server.ok() && std::ranges::find(excluded, *server) == excluded.end())
      servers.push_back(*server);
  }
  return servers;
}

IpAddress from_asio(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  return IpAddress(address.to_v6().to_bytes());
}

asio::ip::address to_asio(const IpAddress& address) {
  if (address.is_v4()) return asio::ip::address_v4(address.v4_host_order());
  asio::ip::address_v6::bytes_type bytes;
  std::ranges::copy(address.bytes(), bytes.begin());
  return asio::ip::address_v6(bytes);
}

awaitable<Result<Message>> exchange(IpAddress server, uint16_t port, Question question,
                                    std::chrono::milliseconds timeout) {
  CO_ASSIGN_OR_RETURN(const Message query, Message::query(question));
  Result<Message> answer =
      co_await by_udp(server, udp::endpoint(to_asio(server), port), query, timeout);
  if (!answer.ok() || !answer->truncated()) co_return answer;
  co_return co_await by_tcp(server, tcp::endpoint(to_asio(server), port), query, timeout);
}

}  // namespace skiff::dns
