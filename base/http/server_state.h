// SPDX-License-Identifier: Apache-2.0
// What a server's connections share. Lives as long as the last of them.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/http/server.h"
#include "base/http/wire.h"

namespace skiff::http {

struct ServerState {
  Executor executor;
  ServerOptions options;
  std::shared_ptr<ServerTls> tls;
  Handler& handler;
  bool stopping = false;
  std::map<uint64_t, std::function<void()>> closers = {};  // of every open connection
  uint64_t next_connection = 0;
};

// One connection's place among them: counts against the limit, is closed by stop().
class Registration {
 public:
  Registration(std::shared_ptr<ServerState> server, std::function<void()> closer)
      : server_(std::move(server)), id_(server_->next_connection++) {
    server_->closers.emplace(id_, std::move(closer));
  }
  ~Registration() { server_->closers.erase(id_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  // From now on stop() calls `closer` instead.
  void set_closer(std::function<void()> closer) { server_->closers[id_] = std::move(closer); }

 private:
  std::shared_ptr<ServerState> server_;
  uint64_t id_;
};

// An accepted connection after its TLS handshake, to be served by one of the protocols.
struct Accepted {
  std::shared_ptr<ServerState> server;
  std::shared_ptr<Wire> wire;
  std::shared_ptr<Registration> registration;
  Peer peer;
};

awaitable<void> serve_h1(Accepted accepted);
awaitable<void> serve_h2(Accepted accepted);

}  // namespace skiff::http
