// SPDX-License-Identifier: Apache-2.0
// The echo server: HTTP, TCP and UDP on one port, IPv4 and IPv6, one thread over epoll.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "tests/echo/answer.h"

namespace skiff::echo {

class Server {
 public:
  Server(std::string host, uint16_t port) : host_(std::move(host)), port_(port) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds; 0 takes any free port. False with errno set.
  bool listen();
  uint16_t port() const { return port_; }
  // Serves until `stop_fd` becomes readable.
  void run(int stop_fd);

 private:
  struct Connection {
    Ends ends;
    Protocol protocol = Protocol::kUnknown;
    std::string input;
    std::string output;
    bool closing = false;  // once `output` is written
  };

  void accept_all();
  void answer_datagrams();
  void serve(int fd, uint32_t events);
  bool receive(int fd, Connection& connection);
  void answer(Connection& connection);
  bool send(int fd, Connection& connection);
  void watch(int fd, uint32_t events, int operation);

  std::string host_;
  uint16_t port_;
  int epoll_ = -1;
  int listener_ = -1;
  int udp_ = -1;
  std::unordered_map<int, Connection> connections_;
};

}  // namespace skiff::echo
