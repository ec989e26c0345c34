// SPDX-License-Identifier: Apache-2.0
// A loop, certificates made for the occasion, and servers on loopback.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "base/http/client.h"
#include "base/http/server.h"
#include "base/pki.h"

namespace skiff::http {

// Certificates of one authority.
struct Certificates {
  pki::Pair ca;
  pki::Pair server;  // for localhost and 127.0.0.1
  pki::Pair client;  // system:node:n1 of system:nodes

  static const Certificates& instance();
  // Another authority's, for what must be refused.
  static const Certificates& foreign();
};

class FunctionHandler final : public Handler {
 public:
  using Fn = std::function<awaitable<void>(Request, ResponseWriter&)>;
  explicit FunctionHandler(Fn fn) : fn_(std::move(fn)) {}
  awaitable<void> serve(Request request, ResponseWriter& writer) override {
    return fn_(std::move(request), writer);
  }

 private:
  Fn fn_;
};

// The routes of the tests:
//   /hello            "hello METHOD"
//   /echo             the body and the content-type back
//   /big?bytes=N      N bytes in one piece; /stream?bytes=N in pieces of 64 KiB
//   /watch            a line every millisecond until the client goes
//   /who              "CN/O,O"
//   /wait             answers when the client goes
//   /upgrade          echoes bytes after a 101
class TestRoutes final : public Handler {
 public:
  awaitable<void> serve(Request request, ResponseWriter& writer) override;

  int cancels = 0;        // on_cancel calls of /watch and /wait
  int running = 0;        // handlers at work
  uint64_t streamed = 0;  // bytes taken of /stream
};

class HttpTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Runs `task` to its end on the loop; fails the test after 30 s.
  void run(std::function<awaitable<void>()> task);
  // Runs the loop for a while.
  void run_for(std::chrono::milliseconds duration);

  std::unique_ptr<Server> serve(ServerOptions options = {}, bool tls = true);
  std::shared_ptr<ClientTls> client_tls(const Certificates& certificates = Certificates::instance(),
                                        bool with_certificate = true);
  std::unique_ptr<Client> client(uint16_t port, bool tls = true);
  // Sends raw bytes, reads until the server closes.
  awaitable<std::string> raw(uint16_t port, std::string text);

  asio::io_context loop_;
  TestRoutes routes_;
};

Request get(std::string target);
std::shared_ptr<const std::string> shared(std::string text);

}  // namespace skiff::http
