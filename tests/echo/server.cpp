// SPDX-License-Identifier: Apache-2.0
#include "tests/echo/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace skiff::echo {
namespace {

std::string to_string(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  std::string port = ":" + std::to_string(ntohs(v6.sin6_port));
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
    return text + port;
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return "[" + std::string(text) + "]" + port;
}

// A socket for both families; where the machine has no IPv6, for IPv4 alone.
int bind_any(int type, uint16_t port) {
  int on = 1;
  int off = 0;
  int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    any.sin6_port = htons(port);
    if (bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0) return fd;
    close(fd);
  }
  fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(port);
  if (bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0) return fd;
  close(fd);
  return -1;
}

uint16_t local_port(int fd) {
  sockaddr_in6 address{};  // the port lies at the same place in both families
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin6_port);
}

}  // namespace

Server::~Server() {
  for (const auto& [fd, connection] : connections_) close(fd);
  for (int fd : {listener_, udp_, epoll_}) {
    if (fd >= 0) close(fd);
  }
}

bool Server::listen() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  listener_ = bind_any(SOCK_STREAM, port_);
  if (epoll_ < 0 || listener_ < 0 || ::listen(listener_, 4096) != 0) return false;
  port_ = local_port(listener_);
  udp_ = bind_any(SOCK_DGRAM, port_);
  if (udp_ < 0) return false;
  watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  watch(udp_, EPOLLIN, EPOLL_CTL_ADD);
  return true;
}

void Server::watch(int fd, uint32_t events, int operation) {
  epoll_event event{.events = events, .data = {.fd = fd}};
  epoll_ctl(epoll_, operation, fd, &event);
}

void Server::run(int stop_fd) {
  watch(stop_fd, EPOLLIN, EPOLL_CTL_ADD);
  std::array<epoll_event, 256> events;
  for (;;) {
    int count = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      int fd = events[i].data.fd;
      if (fd == stop_fd) return;
      if (fd == listener_) {
        accept_all();
      } else if (fd == udp_) {
        answer_datagrams();
      } else {
        serve(fd, events[i].events);
      }
    }
  }
}

void Server::accept_all() {
  for (;;) {
    sockaddr_storage client{};
    sockaddr_storage server{};
    socklen_t size = sizeof client;
    int fd = accept4(listener_, reinterpret_cast<sockaddr*>(&client), &size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    size = sizeof server;
    getsockname(fd, reinterpret_cast<sockaddr*>(&server), &size);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[fd].ends = {
        .host = host_, .client = to_string(client), .server = to_string(server)};
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void Server::answer_datagrams() {
  std::array<char, 65536> buffer;
  for (;;) {
    sockaddr_storage client{};
    socklen_t size = sizeof client;
    ssize_t n = recvfrom(udp_, buffer.data(), buffer.size(), 0,
                         reinterpret_cast<sockaddr*>(&client), &size);
    if (n < 0) return;
    std::string answer = answer_text({buffer.data(), static_cast<size_t>(n)},
                                     {.host = host_, .client = to_string(client), .server = ""});
    sendto(udp_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&client), size);
  }
}

void Server::serve(int fd, uint32_t events) {
  auto it = connections_.find(fd);
  if (it == connections_.end()) return;
  Connection& connection = it->second;
  bool alive = true;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = receive(fd, connection);
  answer(connection);
  if (!send(fd, connection)) alive = false;
  if (!alive || (connection.closing && connection.output.empty())) {
    connections_.erase(it);
    close(fd);
    return;
  }
  uint32_t wanted = connection.closing ? 0 : EPOLLIN;
  if (!connection.output.empty()) wanted |= EPOLLOUT;
  watch(fd, wanted, EPOLL_CTL_MOD);
}

// False once the connection is of no more use for reading nor writing.
bool Server::receive(int fd, Connection& connection) {
  std::array<char, 65536> buffer;
  for (;;) {
    ssize_t n = recv(fd, buffer.data(), buffer.size(), 0);
    if (n > 0) {
      connection.input.append(buffer.data(), static_cast<size_t>(n));
      continue;
    }
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    connection.closing = true;  // the client ended its direction: what it sent is still answered
    return true;
  }
}

void Server::answer(Connection& connection) {
  if (connection.input.empty()) return;
  if (connection.protocol == Protocol::kUnknown) {
    connection.protocol = guess_protocol(connection.input);
  }
  if (connection.protocol == Protocol::kLines) {
    connection.output += answer_text(connection.input, connection.ends);
    connection.input.clear();
  }
  while (connection.protocol == Protocol::kHttp && !connection.input.empty()) {
    auto answer = answer_http(connection.input, connection.ends);
    if (!answer) return;
    connection.output += answer->bytes;
    connection.input.erase(0, answer->consumed);
    if (answer->close) connection.closing = true;
  }
}

bool Server::send(int fd, Connection& connection) {
  while (!connection.output.empty()) {
    ssize_t n = ::send(fd, connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    connection.output.erase(0, static_cast<size_t>(n));
  }
  return true;
}

}  // namespace skiff::echo
