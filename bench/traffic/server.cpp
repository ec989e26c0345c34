// SPDX-License-Identifier: Apache-2.0
// One thread, epoll: what it costs to serve is the same for every way a request may have come.
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <cstring>
#include <unordered_map>
#include <vector>

#include "bench/traffic/sockets.h"

namespace skiff::traffic {
namespace {

struct Connection {
  Socket socket;
  bool sink = false;
  uint64_t swallowed = 0;
};

Socket listen_on(int type, uint16_t port) {
  Socket socket(::socket(AF_INET6, type | SOCK_CLOEXEC, 0));
  const int on = 1, off = 0;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  ::setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&any), sizeof(any))) die("bind");
  if (type == SOCK_STREAM && ::listen(socket.fd(), 4096)) die("listen");
  return socket;
}

class Server {
 public:
  explicit Server(uint16_t port)
      : listener_(listen_on(SOCK_STREAM, port)),
        datagrams_(listen_on(SOCK_DGRAM, port)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        buffer_(1 << 20) {
    watch(listener_.fd());
    watch(datagrams_.fd());
  }

  [[noreturn]] void run() {
    for (;;) {
      epoll_event events[64];
      const int ready = ::epoll_wait(epoll_.fd(), events, 64, -1);
      for (int i = 0; i < ready; ++i) handle(events[i].data.fd);
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
  }

  void handle(int fd) {
    if (fd == listener_.fd()) return accept_one();
    if (fd == datagrams_.fd()) return answer_datagram();
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    if (!answer(found->second)) connections_.erase(found);
  }

  void accept_one() {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;  // reset before its turn
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connections_[fd].socket = Socket(fd);
    watch(fd);
  }

  // False: the connection is over.
  bool answer(Connection& connection) {
    const int fd = connection.socket.fd();
    const ssize_t got = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) {
      if (got == 0 && connection.sink)
        (void)!::write(fd, &connection.swallowed, sizeof(connection.swallowed));
      return false;
    }
    if (connection.swallowed == 0) connection.sink = buffer_[0] == kSink;
    connection.swallowed += static_cast<uint64_t>(got);
    return connection.sink ||
           ::send(fd, buffer_.data(), static_cast<size_t>(got), MSG_NOSIGNAL) > 0;
  }

  void answer_datagram() {
    Address from;
    from.length = sizeof(from.storage);
    const ssize_t got = ::recvfrom(datagrams_.fd(), buffer_.data(), buffer_.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from.storage), &from.length);
    if (got <= 0) return;
    if (buffer_[0] == kCount) {
      ++counted_;
      return;
    }
    auto size = static_cast<size_t>(got);
    if (buffer_[0] == kTell) {
      std::memcpy(buffer_.data(), &counted_, sizeof(counted_));
      counted_ = 0;
      size = sizeof(counted_);
    }
    ::sendto(datagrams_.fd(), buffer_.data(), size, 0, from.get(), from.length);
  }

  Socket listener_, datagrams_, epoll_;
  std::vector<char> buffer_;
  std::unordered_map<int, Connection> connections_;
  uint64_t counted_ = 0;
};

}  // namespace

void serve(uint16_t port) {
  Server(port).run();
}

}  // namespace skiff::traffic
