// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>

#include "tests/bpf/live_network.h"

namespace skiff::testing {

namespace {

int type_of(Transport transport) {
  return transport == Transport::kTcp ? SOCK_STREAM : SOCK_DGRAM;
}

std::vector<uint8_t> to_sockaddr(const IpAddress& ip, uint16_t port, bool as_v6) {
  std::vector<uint8_t> out;
  if (ip.is_v4() && !as_v6) {
    sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    v4.sin_addr.s_addr = htonl(ip.v4_host_order());
    out.resize(sizeof(v4));
    std::memcpy(out.data(), &v4, sizeof(v4));
    return out;
  }
  sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  std::memcpy(&v6.sin6_addr, ip.bytes().data(), 16);
  out.resize(sizeof(v6));
  std::memcpy(out.data(), &v6, sizeof(v6));
  return out;
}

std::string to_text(const sockaddr_storage& storage, bool with_port) {
  IpAddress ip;
  uint16_t port = 0;
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ip = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    std::array<uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, 16);
    ip = IpAddress(bytes);
    port = ntohs(v6.sin6_port);
  }
  return with_port ? fmt::format("{} {}", ip.to_string(), port) : ip.to_string();
}

void set_timeouts(int fd) {
  const timeval two_seconds = {.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &two_seconds, sizeof(two_seconds));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &two_seconds, sizeof(two_seconds));
}

Result<UniqueFd> listen_on(Transport transport, uint16_t port) {
  UniqueFd fd(::socket(AF_INET6, type_of(transport) | SOCK_CLOEXEC, 0));
  const int no = 0, yes = 1;
  ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const auto any = to_sockaddr(IpAddress(), port, true);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(any.data()),
             static_cast<socklen_t>(any.size())) < 0) {
    return errno_status(errno, "bind");
  }
  if (transport == Transport::kTcp && ::listen(fd.get(), 64) < 0) {
    return errno_status(errno, "listen");
  }
  return fd;
}

bool readable(int fd, const std::atomic<bool>& stopping) {
  pollfd poll = {.fd = fd, .events = POLLIN, .revents = 0};
  while (!stopping) {
    if (::poll(&poll, 1, 20) > 0) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const net::Netns& netns, Transport transport,
                                              uint16_t port, std::string name) {
  ASSIGN_OR_RETURN(UniqueFd socket, netns.run([&] { return listen_on(transport, port); }));
  return std::unique_ptr<Server>(new Server(std::move(socket), transport, std::move(name)));
}

Server::Server(UniqueFd socket, Transport transport, std::string name)
    : socket_(std::move(socket)), transport_(transport), name_(std::move(name)) {
  threads_.emplace_back([this] { serve(); });
}

Server::~Server() {
  stopping_ = true;
  threads_.front().join();
  for (size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
}

void Server::serve() {
  while (readable(socket_.get(), stopping_)) {
    sockaddr_storage peer = {};
    socklen_t length = sizeof(peer);
    auto* address = reinterpret_cast<sockaddr*>(&peer);
    if (transport_ == Transport::kTcp) {
      UniqueFd connection(::accept4(socket_.get(), address, &length, SOCK_CLOEXEC));
      if (!connection) continue;
      const std::string hello = fmt::format("{} {}\n", name_, to_text(peer, false));
      (void)!::send(connection.get(), hello.data(), hello.size(), MSG_NOSIGNAL);
      threads_.emplace_back([this, fd = connection.release()] { serve_connection(UniqueFd(fd)); });
      continue;
    }
    char buffer[2048];
    if (::recvfrom(socket_.get(), buffer, sizeof(buffer), 0, address, &length) < 0) continue;
    const std::string hello = fmt::format("{} {}\n", name_, to_text(peer, false));
    ::sendto(socket_.get(), hello.data(), hello.size(), 0, address, length);
  }
}

void Server::serve_connection(UniqueFd connection) {
  char buffer[65536];
  while (readable(connection.get(), stopping_)) {
    const ssize_t got = ::read(connection.get(), buffer, sizeof(buffer));
    if (got <= 0) return;
    for (ssize_t sent = 0; sent < got;) {
      const ssize_t n =
          ::send(connection.get(), buffer + sent, static_cast<size_t>(got - sent), MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += n;
    }
  }
}

Result<Client> Client::open(const net::Netns& netns, Transport transport, const IpAddress& address,
                            uint16_t port, bool connect, bool as_v6) {
  return netns.run([&]() -> Result<Client> {
    Client client;
    client.transport_ = transport;
    client.connected_ = connect;
    client.to_ = to_sockaddr(address, port, as_v6);
    client.fd_.reset(::socket(client.to_.size() == sizeof(sockaddr_in) ? AF_INET : AF_INET6,
                              type_of(transport) | SOCK_CLOEXEC, 0));
    set_timeouts(client.fd_.get());
    if (connect && ::connect(client.fd_.get(), reinterpret_cast<const sockaddr*>(client.to_.data()),
                             static_cast<socklen_t>(client.to_.size())) < 0) {
      return errno_status(errno, "connect");
    }
    return client;
  });
}

Status Client::send(std::string_view text) {
  const auto* to = reinterpret_cast<const sockaddr*>(to_.data());
  const ssize_t sent =
      ::sendto(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL, connected_ ? nullptr : to,
               connected_ ? 0 : static_cast<socklen_t>(to_.size()));
  return sent == static_cast<ssize_t>(text.size()) ? Status() : errno_status(errno, "send");
}

Result<std::string> Client::receive(std::string* from) {
  std::string text;
  for (;;) {
    char buffer[2048];
    sockaddr_storage peer = {};
    socklen_t length = sizeof(peer);
    const size_t room = transport_ == Transport::kTcp ? 1 : sizeof(buffer);
    const ssize_t got =
        ::recvfrom(fd_.get(), buffer, room, 0, reinterpret_cast<sockaddr*>(&peer), &length);
    if (got < 0) return errno_status(errno, "receive");
    if (got == 0) return unavailable("closed by the peer");
    if (from != nullptr && transport_ == Transport::kUdp) *from = to_text(peer, true);
    text.append(buffer, static_cast<size_t>(got));
    if (text.ends_with('\n')) break;
  }
  text.pop_back();
  return text;
}

Result<std::string> Client::peer() const {
  sockaddr_storage peer = {};
  socklen_t length = sizeof(peer);
  if (::getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &length) < 0) {
    return errno_status(errno, "getpeername");
  }
  return to_text(peer, true);
}

Result<std::string> ask(const net::Netns& netns, Transport transport, const IpAddress& address,
                        uint16_t port) {
  ASSIGN_OR_RETURN(Client client, Client::open(netns, transport, address, port));
  if (transport == Transport::kUdp) RETURN_IF_ERROR(client.send("hello\n"));
  return client.receive();
}

Status try_bind(const net::Netns& netns, Transport transport, const IpAddress& address,
                uint16_t port) {
  return netns.run([&]() -> Status {
    const UniqueFd fd(
        ::socket(address.is_v4() ? AF_INET : AF_INET6, type_of(transport) | SOCK_CLOEXEC, 0));
    const auto to = to_sockaddr(address, port, false);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(to.data()),
               static_cast<socklen_t>(to.size())) < 0) {
      return errno_status(errno, "bind");
    }
    return {};
  });
}

}  // namespace skiff::testing
