// SPDX-License-Identifier: Apache-2.0
// HTTP as our servers and clients speak of it, whatever the wire version: requests with a buffered
// body, answers that are either whole or streamed, and upgraded connections as two-way byte
// streams.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/result.h"

namespace skiff::http {

// Header fields in order, names in lower case.
class Headers {
 public:
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);
  // The first value of `name` (lower case), or an empty view.
  std::string_view get(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Query parameters in order, percent-decoded.
class Query {
 public:
  static Query parse(std::string_view text);
  std::string_view get(std::string_view name) const;  // first value, or empty
  bool has(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  void add(std::string name, std::string value);
  std::string encode() const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

std::string percent_encode(std::string_view text);
std::string percent_decode(std::string_view text);

// Who is at the other end, as TLS tells it.
struct Peer {
  std::string address;      // "10.0.0.1:4711"
  std::string common_name;  // of a verified client certificate; empty: none was shown
  std::vector<std::string> organizations;
};

struct Request {
  std::string method = "GET";
  std::string path;        // percent-decoded, without the query
  std::string raw_target;  // as received: path and query. If set, what a client sends
  Query query;
  Headers headers;
  std::string body;
  Peer peer;
};

struct Response {
  int status = 200;
  Headers headers;
  // Shared, so that one encoding of an object can be written to many clients. Several pieces:
  // written one after the other.
  std::vector<std::shared_ptr<const std::string>> body;

  static Response text(int status, std::string body, std::string content_type = "text/plain");
  std::string body_text() const;
};

// A two-way byte stream: an upgraded connection, a CONNECT tunnel, a pipe. read() of 0 bytes means
// the end.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual awaitable<Result<size_t>> read(asio::mutable_buffer into) = 0;
  virtual awaitable<Status> write(asio::const_buffer bytes) = 0;
  // Ends our direction. The other may go on.
  virtual awaitable<void> shutdown() = 0;
  virtual void close() = 0;
};

// Copies both ways until both directions ended or one failed, then closes both.
awaitable<void> splice(ByteStream& a, ByteStream& b);

// How a handler answers: exactly one of respond(), start() (then write()s), upgrade().
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  virtual awaitable<Status> respond(Response response) = 0;
  // A streamed answer: the head is flushed at once. Ends when the handler returns.
  virtual awaitable<Status> start(int status, Headers headers) = 0;
  // Flushes. An error means the client has gone: stop.
  virtual awaitable<Status> write(std::shared_ptr<const std::string> chunk) = 0;
  // True once the client has gone (reset stream, closed connection).
  virtual bool cancelled() const = 0;
  // Calls `fn` once, on the loop, when the client goes away, at once if it has (wakes handlers that
  // wait for events). Never after serve() has returned. One at a time; null takes it back.
  virtual void on_cancel(std::function<void()> fn) = 0;
  // HTTP/1.1 only: answers 101 with `headers` and hands the connection over. UNIMPLEMENTED on
  // HTTP/2.
  virtual awaitable<Result<std::unique_ptr<ByteStream>>> upgrade(Headers headers) = 0;
  // Access to the raw connection before anything was answered, for tunnelling an upgrade answer of
  // another server verbatim.
  virtual awaitable<Result<std::unique_ptr<ByteStream>>> hijack() = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual awaitable<void> serve(Request request, ResponseWriter& writer) = 0;
};

}  // namespace skiff::http
