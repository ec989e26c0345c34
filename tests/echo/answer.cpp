// SPDX-License-Identifier: Apache-2.0
#include "tests/echo/answer.h"

#include <strings.h>

#include <array>
#include <charconv>

namespace skiff::echo {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET ",    "HEAD ",  "POST ",   "PUT ",
                                                      "DELETE ", "PATCH ", "OPTIONS "};
constexpr size_t kMaxHead = 64 * 1024;
constexpr size_t kMaxBody = 64 * 1024 * 1024;

// Whatever the case.
bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         strncasecmp(text.data(), prefix.data(), prefix.size()) == 0;
}

// The value of header `name` (any case) in the head of a request, or an empty view.
std::string_view header(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!begins_with(line, name)) continue;
    line.remove_prefix(name.size() + 1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    return line;
  }
  return {};
}

std::string response(std::string_view status, std::string_view body, bool head_only, bool close) {
  std::string out = "HTTP/1.1 ";
  out.append(status).append("\r\nContent-Type: text/plain\r\nContent-Length: ");
  out.append(std::to_string(body.size())).append(close ? "\r\nConnection: close" : "");
  out.append("\r\n\r\n");
  if (!head_only) out.append(body);
  return out;
}

HttpAnswer refusal(std::string_view status, size_t consumed) {
  return {.bytes = response(status, "", false, true), .consumed = consumed, .close = true};
}

}  // namespace

Protocol guess_protocol(std::string_view bytes) {
  for (std::string_view method : kMethods) {
    if (bytes.starts_with(method)) return Protocol::kHttp;
    if (method.starts_with(bytes)) return Protocol::kUnknown;
  }
  return Protocol::kLines;
}

std::optional<HttpAnswer> answer_http(std::string_view bytes, const Ends& ends) {
  size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > kMaxHead) {
      return refusal("431 Request Header Fields Too Large", bytes.size());
    }
    return std::nullopt;
  }
  std::string_view head = bytes.substr(0, end);
  std::string_view line = head.substr(0, head.find("\r\n"));
  size_t length = 0;
  if (auto text = header(head, "content-length"); !text.empty()) {
    auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc{} || rest != text.data() + text.size() || length > kMaxBody) {
      return refusal("400 Bad Request", bytes.size());
    }
  } else if (!header(head, "transfer-encoding").empty()) {
    return refusal("411 Length Required", bytes.size());
  }
  size_t total = end + 4 + length;
  if (bytes.size() < total) return std::nullopt;

  const std::string_view connection = header(head, "connection");
  bool keep_alive = line.ends_with("HTTP/1.1");
  if (begins_with(connection, "close")) keep_alive = false;
  if (begins_with(connection, "keep-alive")) keep_alive = true;
  std::string_view target = line.substr(line.find(' ') + 1);
  target = target.substr(0, target.find_first_of(" ?"));
  std::string body = "ok\n";
  if (target != "/health") {
    body = "host: " + ends.host + "\nclient: " + ends.client + "\nserver: " + ends.server + "\n\n";
    body.append(bytes.substr(0, total));
  }
  return HttpAnswer{.bytes = response("200 OK", body, line.starts_with("HEAD "), !keep_alive),
                    .consumed = total,
                    .close = !keep_alive};
}

std::string answer_text(std::string_view text, const Ends& ends) {
  std::string out = ends.host + " " + ends.client + " ";
  out.append(text);
  return out;
}

}  // namespace skiff::echo
