// SPDX-License-Identifier: Apache-2.0
#include "bench/traffic/sockets.h"

#include <arpa/inet.h>

#include <cstdio>
#include <cstdlib>

namespace skiff::traffic {

void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

Address parse_address(const std::string& host, const std::string& port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const uint16_t port_be = htons(static_cast<uint16_t>(std::atoi(port.c_str())));
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = port_be;
    address.length = sizeof(*v4);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port_be;
    address.length = sizeof(*v6);
  } else {
    std::fprintf(stderr, "traffic: %s is not an address\n", host.c_str());
    std::exit(2);
  }
  return address;
}

bool receive_all(int fd, void* to, size_t size) {
  for (size_t have = 0; have < size;) {
    const ssize_t got = ::recv(fd, static_cast<char*>(to) + have, size - have, 0);
    if (got <= 0) return false;
    have += static_cast<size_t>(got);
  }
  return true;
}

void send_all(int fd, const void* from, size_t size) {
  for (size_t sent = 0; sent < size;) {
    const ssize_t took =
        ::send(fd, static_cast<const char*>(from) + sent, size - sent, MSG_NOSIGNAL);
    if (took < 0) die("send");
    sent += static_cast<size_t>(took);
  }
}

}  // namespace skiff::traffic
