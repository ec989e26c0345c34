// SPDX-License-Identifier: Apache-2.0
// The client's side of HTTP/1.1: a connection an exchange, kept for the next one.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <memory>

#include "base/http/exchange.h"
#include "base/http/inbox.h"

namespace skiff::http {

struct H1Link {
  std::shared_ptr<Wire> wire;
  std::shared_ptr<Inbox> inbox;
};

// The head of `request` as HTTP/1.1 sends it. `host` is for requests that name none.
std::string h1_head(const Request& request, std::string_view host);

class H1Exchange final : public Exchange, public std::enable_shared_from_this<H1Exchange> {
 public:
  // `recycle` takes the link back after a complete answer. `reused`: it has served before, so it
  // may just have been closed by an idle server.
  H1Exchange(H1Link link, std::shared_ptr<const Request> request, std::string host, bool reused,
             std::function<void(H1Link)> recycle);
  ~H1Exchange() override;

  awaitable<Status> head() override;
  int status() const override { return status_; }
  const Headers& headers() const override { return headers_; }
  awaitable<Result<std::string>> read() override;
  void cancel(const Status& why) override;
  bool unprocessed() const override { return unprocessed_; }
  // After head(): the server has left HTTP (101, or 2xx to CONNECT); what follows the head is the
  // caller's, by detach().
  bool upgraded() const;
  std::unique_ptr<ByteStream> detach();

 private:
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

  awaitable<Status> send();
  awaitable<Status> read_head();
  // Feeds the parser. Suspends if there is nothing to feed it with.
  awaitable<Status> feed();
  void take_head();
  void finish();

  H1Link link_;
  std::shared_ptr<const Request> request_;
  std::string host_;
  bool reused_;
  std::function<void(H1Link)> recycle_;
  std::unique_ptr<Parser> parser_;
  int status_ = 0;
  Headers headers_;
  Status failure_;
  bool answered_ = false;  // the first byte has come
  bool unprocessed_ = false;
  bool finished_ = false;
};

}  // namespace skiff::http
