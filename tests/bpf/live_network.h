// SPDX-License-Identifier: Apache-2.0
// A node with two pods and a client outside, as network namespaces with real sockets, and the
// datapath at its hooks.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "agent/net/netns.h"
#include "tests/bpf/harness.h"

namespace skiff::testing {

enum class Transport { kTcp, kUdp };

// A namespace with one way out: eth0 and a default route.
struct Host {
  std::string name;
  net::Netns netns;
  IpAddress v4, v6;
  int ifindex = 0;  // of the node's side of its veth

  const IpAddress& address(bool want_v4) const { return want_v4 ? v4 : v6; }
};

class LiveNetwork {
 public:
  // In the calling thread's (isolated) namespace, which becomes the node.
  static Result<std::unique_ptr<LiveNetwork>> create();
  ~LiveNetwork();

  const Host& pod(int i) const { return *pods_[i]; }
  const Host& outside() const { return *outside_; }
  const net::Netns& node() const { return *node_; }
  IpAddress node_address(bool v4) const;
  datapath::MacAddress gateway_mac(int pod) const;
  datapath::MacAddress pod_mac(int pod) const;

  // What the agent does at start: hooks at both pods and at eth0, nodes, ranges.
  Status attach(datapath::Datapath& datapath) const;

 private:
  LiveNetwork() = default;
  Status build();
  Status add_host(Host& host, const std::string& link, int number);

  std::unique_ptr<net::Netns> node_;
  std::unique_ptr<Host> pods_[2];
  std::unique_ptr<Host> outside_;
};

// Answers every connection or datagram with `NAME PEER-ADDRESS\n`, and echoes what follows.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(const net::Netns& netns, Transport transport,
                                               uint16_t port, std::string name);
  ~Server();

 private:
  Server(UniqueFd socket, Transport transport, std::string name);
  void serve();
  void serve_connection(UniqueFd connection);

  UniqueFd socket_;
  Transport transport_;
  std::string name_;
  std::atomic<bool> stopping_{false};
  // The first accepts and adds the others; a deque, because it is being joined meanwhile.
  std::deque<std::thread> threads_;
};

// A connection, or a socket that datagrams go through. Every wait ends after two seconds.
class Client {
 public:
  // TCP: connected. UDP: connected if `connect`, else each send names the address.
  static Result<Client> open(const net::Netns& netns, Transport transport, const IpAddress& address,
                             uint16_t port, bool connect = true, bool as_v6 = false);
  Status send(std::string_view text);
  // One line, or one datagram; the sender's address goes to `from`.
  Result<std::string> receive(std::string* from = nullptr);
  // What getpeername says.
  Result<std::string> peer() const;
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
  Transport transport_ = Transport::kTcp;
  bool connected_ = true;
  std::vector<uint8_t> to_;
};

// What a process in `netns` gets when it binds (address, port).
Status try_bind(const net::Netns& netns, Transport transport, const IpAddress& address,
                uint16_t port);

// The greeting of whoever serves (address, port) to somebody in `netns`: `NAME PEER-ADDRESS`.
Result<std::string> ask(const net::Netns& netns, Transport transport, const IpAddress& address,
                        uint16_t port);

}  // namespace skiff::testing
