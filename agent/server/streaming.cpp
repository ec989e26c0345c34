// SPDX-License-Identifier: Apache-2.0
#include "agent/server/streaming.h"

#include <charconv>

#include "base/http/client.h"

namespace skiff::server {
namespace {

struct Target {
  std::string host;
  uint16_t port = 80;
  std::string path;
};

Result<Target> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return internal_error("streaming URL \"{}\" is not http", url);
  url.remove_prefix(kScheme.size());
  const size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  Target target;
  target.path = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), target.port);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  target.host = std::string(authority);
  return target;
}

std::string head_of(const http::Request& request, const Target& target) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n", request.method, target.path,
                                 target.host, target.port);
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
  CO_ASSIGN_OR_RETURN(const Target target, parse_url(url));
  auto server = co_await http::connect(target.host, target.port, nullptr, std::chrono::seconds(10));
  CO_RETURN_IF_ERROR(server, "connect to the runtime's streaming server");
  const std::string head = head_of(request, target);
  CO_RETURN_IF_ERROR(co_await (*server)->write(asio::buffer(head)), "runtime's streaming server");
  auto client = co_await writer.hijack();
  CO_RETURN_IF_ERROR(client, "take over the connection");
  co_await http::splice(**client, **server);
  co_return absl::OkStatus();
}

}  // namespace skiff::server
