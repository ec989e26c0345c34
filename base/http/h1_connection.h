// SPDX-License-Identifier: Apache-2.0
// The server's side of one HTTP/1.x connection: requests one after the other, each answered before
// the next is looked at.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>

#include "base/http/inbox.h"
#include "base/http/outbox.h"
#include "base/http/server_state.h"

namespace skiff::http {

class H1Connection final : public std::enable_shared_from_this<H1Connection> {
 public:
  explicit H1Connection(Accepted accepted);
  awaitable<void> run();

  Inbox& inbox() { return *inbox_; }
  Outbox& outbox() { return *outbox_; }
  // Hands the connection over: run() ends without closing it.
  std::unique_ptr<ByteStream> detach();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  // What came in place of a request: an answer to give before closing, or (0) nothing more.
  struct Refusal {
    int status = 0;
    std::string reason;
  };
  struct Incoming {
    Request request;
    bool keep_alive = false;
    bool http10 = false;
  };

  awaitable<std::variant<Incoming, Refusal>> read_request();
  awaitable<std::optional<Refusal>> read_body(Parser& parser);
  Incoming take(Parser& parser);
  // Serves one request. True: another may follow.
  awaitable<bool> serve(Incoming incoming);
  awaitable<void> refuse(Refusal refusal);
  awaitable<void> close_gently();

  Accepted accepted_;
  std::shared_ptr<Inbox> inbox_;
  std::shared_ptr<Outbox> outbox_;
  Deadline deadline_;
};

}  // namespace skiff::http
