// SPDX-License-Identifier: Apache-2.0
// The unix socket on which skiff-cni calls. One connection carries one call: a frame each way, a
// frame being four bytes of length, big-endian, and that much JSON: {"env": {…}, "stdin": "…"}
// there, {"exitCode": 0, "stdout": "…"} back.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "agent/network/cni_answer.h"
#include "base/async.h"

namespace skiff::network {

inline constexpr size_t kMaxFrameBytes = 4 << 20;

Result<CniCall> decode_call(std::string_view json);
std::string encode_answer(const CniAnswer& answer);

// Lives on the loop; connections end by themselves after it is gone, with the answers of their
// calls unsent.
class CniServer {
 public:
  using Handler = std::function<awaitable<CniAnswer>(CniCall)>;

  CniServer(Executor executor, std::filesystem::path socket, Handler handler);
  ~CniServer();

  // Binds, so that calls wait from now on. A socket file left by a predecessor is replaced.
  Status listen();
  // Answers the calls that wait and those to come.
  void serve();
  void stop();

 private:
  struct State;
  static awaitable<void> accept_loop(std::shared_ptr<State> state);
  static awaitable<void> serve_one(std::shared_ptr<State> state,
                                   std::shared_ptr<asio::local::stream_protocol::socket> socket);

  std::shared_ptr<State> state_;
};

}  // namespace skiff::network
