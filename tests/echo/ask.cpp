// SPDX-License-Identifier: Apache-2.0
#include "tests/echo/ask.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace skiff::echo {
namespace {

constexpr int kTimeoutMs = 2000;

int exit_status(const char* what) {
  std::fprintf(stderr, "ask: %s: %s\n", what, std::strerror(errno));
  if (errno == ECONNREFUSED) return 3;
  return errno == ETIMEDOUT ? 4 : 1;
}

// False with errno set, ETIMEDOUT if nothing happened in time.
bool wait_for(int fd, short events) {
  pollfd ready{.fd = fd, .events = events, .revents = 0};
  const int count = poll(&ready, 1, kTimeoutMs);
  if (count == 0) errno = ETIMEDOUT;
  return count > 0;
}

bool connect_to(int fd, const std::string& host, int port) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const sockaddr* address = reinterpret_cast<sockaddr*>(&v4);
  socklen_t size = sizeof v4;
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) {
    inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr);
    address = reinterpret_cast<sockaddr*>(&v6);
    size = sizeof v6;
  }
  if (connect(fd, address, size) == 0) return true;
  if (errno != EINPROGRESS || !wait_for(fd, POLLOUT)) return false;
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  errno = error;
  return error == 0;
}

int talk(int fd, const std::string& host, int port, const std::string& text) {
  if (!connect_to(fd, host, port)) return exit_status("connect");
  if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) return exit_status("send");
  std::array<char, 65536> answer;
  if (!wait_for(fd, POLLIN)) return exit_status("receive");
  const ssize_t n = recv(fd, answer.data(), answer.size(), 0);
  if (n < 0) return exit_status("receive");
  std::printf("%.*s\n", static_cast<int>(n), answer.data());
  return 0;
}

}  // namespace

int ask(const std::string& protocol, const std::string& host, int port, const std::string& text) {
  const int family = host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  const int type = protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
  const int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return exit_status("socket");
  const int status = talk(fd, host, port, text);
  close(fd);
  return status;
}

}  // namespace skiff::echo
