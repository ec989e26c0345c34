// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection, either side, over nghttp2: frames, flow control and the streams' queues.
// The server's and the client's sessions derive from it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/http/h2_stream.h"
#include "base/http/message.h"
#include "base/http/outbox.h"

namespace skiff::http {

class H2Session : public std::enable_shared_from_this<H2Session> {
 public:
  // A peer that takes nothing for `stall` is given up.
  H2Session(const Executor& executor, std::shared_ptr<Wire> wire,
            std::chrono::steady_clock::duration stall);
  virtual ~H2Session();
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;

  // Queues a piece of a body; end() after the last.
  void push(H2Stream& stream, std::shared_ptr<const std::string> piece);
  void end(H2Stream& stream);
  // Suspends while `limit` or more bytes are queued on `stream`. False: it is closed.
  static awaitable<bool> room(std::shared_ptr<H2Stream> stream, size_t limit);
  // `count` received bytes have been used: the peer may send as many again.
  void consume(H2Stream& stream, size_t count);
  void reset(H2Stream& stream, uint32_t error);
  // Says GOAWAY, lets nothing more in, closes once that is sent.
  void go_away();
  // Ends the connection and all its streams. The first reason counts.
  void close(const Status& why);

  bool is_open() const { return status_.ok(); }
  const Status& status() const { return status_; }

 protected:
  struct Limits {
    bool server = false;
    uint32_t max_streams = 250;
    uint32_t stream_window_bytes = 1 << 20;
    int32_t connection_window_bytes = 1 << 24;
    uint32_t max_header_bytes = 64 * 1024;
  };
  // Speaks the preface and reads until the end. Call once.
  void start(const Limits& limits);

  // A stream the peer opened (server). Null: refused.
  virtual std::shared_ptr<H2Stream> accept() { return nullptr; }
  // After each batch of frames: the place to do what must not happen within reading.
  virtual void after_read() {}
  virtual void on_settings() {}
  virtual void on_go_away() {}
  virtual void on_closed() {}

  void adopt(int32_t id, const std::shared_ptr<H2Stream>& stream);
  nghttp2_session* session() { return session_; }
  // Has what nghttp2 wants to send sent, at the end of this turn of the loop.
  void flush() { outbox_->flush_soon(); }
  // Where nghttp2 fetches `stream`'s body from.
  static nghttp2_data_provider body_of(H2Stream& stream);

  const Executor executor_;
  const std::shared_ptr<Wire> wire_;

 private:
  friend struct H2Callbacks;  // nghttp2's C functions, h2_callbacks.cpp
  enum class Received { kAll, kSome, kEnd };

  static awaitable<void> run(std::shared_ptr<H2Session> self);
  Received receive();
  void fill(std::string& out);
  void close_if_done();
  void drop(int32_t id, uint32_t error);
  H2Stream* find(int32_t id);

  std::shared_ptr<Outbox> outbox_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<int32_t, std::shared_ptr<H2Stream>> streams_;
  std::string* filling_ = nullptr;  // where nghttp2's output goes just now
  Status status_;
};

// Header fields for nghttp2, which copies them. Leaves out what HTTP/2 forbids (connection, …).
class H2Fields {
 public:
  void add(std::string_view name, std::string_view value);
  void add(const Headers& headers);
  const nghttp2_nv* data() const { return fields_.data(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<nghttp2_nv> fields_;  // pointing into what was given to add()
};

// The callbacks of both sides, made once.
const nghttp2_session_callbacks* h2_callbacks();

}  // namespace skiff::http
