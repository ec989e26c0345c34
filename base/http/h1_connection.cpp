// SPDX-License-Identifier: Apache-2.0
#include "base/http/h1_connection.h"

#include <boost/beast/http/error.hpp>

#include "base/http/h1_writer.h"
#include "base/http/request_target.h"
#include "base/http/wire_stream.h"

namespace skiff::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

// Beast keeps offsets within the head in 16 bits.
constexpr size_t kMaxHeadBytes = 65000;
constexpr auto kLinger = std::chrono::seconds(2);

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

H1Connection::H1Connection(Accepted accepted)
    : accepted_(std::move(accepted)),
      inbox_(std::make_shared<Inbox>(accepted_.server->executor, accepted_.wire)),
      outbox_(std::make_shared<Outbox>(accepted_.server->executor, accepted_.wire,
                                       accepted_.server->options.idle_timeout)),
      deadline_(accepted_.server->executor, accepted_.wire) {}

awaitable<void> H1Connection::run() {
  const auto keep = shared_from_this();
  inbox_->start();
  deadline_.arm(accepted_.server->options.header_timeout);
  for (;;) {
    auto incoming = co_await read_request();
    deadline_.disarm();
    if (auto* refusal = std::get_if<Refusal>(&incoming)) {
      co_await refuse(std::move(*refusal));
      break;
    }
    const bool another = co_await serve(std::get<Incoming>(std::move(incoming)));
    if (!another) break;
    deadline_.arm(accepted_.server->options.idle_timeout);
  }
  if (accepted_.wire == nullptr) co_return;  // detached
  co_await close_gently();
}

awaitable<std::variant<H1Connection::Incoming, H1Connection::Refusal>>
H1Connection::read_request() {
  const auto& options = accepted_.server->options;
  while (inbox_->bytes().empty()) {
    if (!co_await inbox_->more()) co_return Refusal{};
  }
  deadline_.arm(options.header_timeout);
  Parser parser;
  parser.header_limit(static_cast<uint32_t>(std::min(options.max_header_bytes, kMaxHeadBytes)));
  parser.body_limit(options.max_body_bytes);
  while (!parser.is_header_done()) {
    error_code error;
    const auto bytes = inbox_->bytes();
    inbox_->consume(parser.put(asio::buffer(bytes.data(), bytes.size()), error));
    if (error == beast::http::error::need_more) {
      if (!co_await inbox_->more()) co_return Refusal{};
    } else if (error == beast::http::error::header_limit) {
      co_return Refusal{431, "request header fields too large"};
    } else if (error == beast::http::error::body_limit) {
      co_return Refusal{413, "request body too large"};
    } else if (error) {
      co_return Refusal{400, fmt::format("malformed request: {}", error.message())};
    }
  }
  if (auto refusal = co_await read_body(parser)) co_return std::move(*refusal);
  co_return take(parser);
}

awaitable<std::optional<H1Connection::Refusal>> H1Connection::read_body(Parser& parser) {
  if (parser.is_done()) co_return std::nullopt;
  if (beast::iequals(parser.get()[beast::http::field::expect], "100-continue")) {
    outbox_->buffer() += "HTTP/1.1 100 Continue\r\n\r\n";
    outbox_->flush_soon();
  }
  parser.eager(true);
  while (!parser.is_done()) {
    deadline_.arm(accepted_.server->options.idle_timeout);  // for each piece of it
    error_code error;
    const auto bytes = inbox_->bytes();
    if (!bytes.empty()) {
      inbox_->consume(parser.put(asio::buffer(bytes.data(), bytes.size()), error));
    }
    if (error == beast::http::error::body_limit) {
      co_return Refusal{413, "request body too large"};
    }
    if (error && error != beast::http::error::need_more) {
      co_return Refusal{400, fmt::format("malformed request body: {}", error.message())};
    }
    if (parser.is_done()) break;
    if ((bytes.empty() || error) && !co_await inbox_->more()) co_return Refusal{};
  }
  co_return std::nullopt;
}

H1Connection::Incoming H1Connection::take(Parser& parser) {
  auto& message = parser.get();
  Incoming incoming;
  incoming.keep_alive = parser.keep_alive() && !accepted_.server->stopping;
  incoming.http10 = message.version() < 11;
  Request& request = incoming.request;
  request.method = std::string(view(message.method_string()));
  set_target(request, view(message.target()));
  for (const auto& field : message) {
    request.headers.add(lower(view(field.name_string())), std::string(view(field.value())));
  }
  request.body = std::move(message.body());
  request.peer = accepted_.peer;
  return incoming;
}

awaitable<bool> H1Connection::serve(Incoming incoming) {
  H1Writer writer(*this, {.head_only = incoming.request.method == "HEAD",
                          .http10 = incoming.http10,
                          .keep_alive = incoming.keep_alive});
  co_await accepted_.server->handler.serve(std::move(incoming.request), writer);
  const bool another = co_await writer.finish();
  inbox_->on_end(nullptr);
  co_return another;
}

awaitable<void> H1Connection::refuse(Refusal refusal) {
  if (refusal.status == 0) co_return;
  H1Writer writer(*this, {.keep_alive = false});
  std::ignore = co_await writer.respond(Response::text(refusal.status, refusal.reason + "\n"));
  co_await writer.finish();
}

// Closing with unread input resets the connection, and the reset may overtake our last answer: so
// end our direction first and give the client a moment to read.
awaitable<void> H1Connection::close_gently() {
  const Status sent = co_await outbox_->flush();
  if (sent.ok() && !inbox_->ended()) {
    deadline_.arm(kLinger);
    co_await accepted_.wire->shutdown();
    do {
      inbox_->consume(inbox_->bytes().size());
    } while (co_await inbox_->more());
  }
  accepted_.wire->close();
}

std::unique_ptr<ByteStream> H1Connection::detach() {
  return std::make_unique<WireStream>(std::exchange(accepted_.wire, nullptr), inbox_,
                                      accepted_.registration);
}

awaitable<void> serve_h1(Accepted accepted) {
  const auto connection = std::make_shared<H1Connection>(std::move(accepted));
  co_await connection->run();
}

}  // namespace skiff::http
