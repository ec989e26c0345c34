// SPDX-License-Identifier: Apache-2.0
#include "agent/server/streaming.h"

#include "base/http/client.h"
#include "base/http/url.h"

namespace skiff::server {
namespace {

std::string head_of(const http::Request& request, const http::Url& url) {
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, url.target, url.authority());
  for (const auto& [name, value] : request.headers.fields())
    if (name != "host" && name != "authorization" && name != "content-length" &&
        name != "transfer-encoding")
      head += fmt::format("{}: {}\r\n", name, value);
  return head + (request.body.empty() ? "Content-Length: 0\r\n\r\n"
                                      : fmt::format("Content-Length: {}\r\n\r\n{}",
                                                    request.body.size(), request.body));
}

}  // namespace

awaitable<Status> tunnel_to(std::string url, http::Request request, http::ResponseWriter& writer) {
  const Result<http::Url> target = http::parse_url(url);
  if (!target.ok() || target->secure)
    co_return internal_error("streaming URL \"{}\" of the runtime is not http", url);
  auto server =
      co_await http::connect(target->host, target->port, nullptr, std::chrono::seconds(10));
  CO_RETURN_IF_ERROR(server, "connect to the runtime's streaming server");
  const std::string head = head_of(request, *target);
  CO_RETURN_IF_ERROR(co_await (*server)->write(asio::buffer(head)), "runtime's streaming server");
  auto client = co_await writer.hijack();
  CO_RETURN_IF_ERROR(client, "take over the connection");
  co_await http::splice(**client, **server);
  co_return absl::OkStatus();
}

}  // namespace skiff::server
