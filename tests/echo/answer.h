// SPDX-License-Identifier: Apache-2.0
// What the echo server answers, as pure functions over bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skiff::echo {

// Who speaks with whom, as the answer tells it: "10.0.0.1:80" or "[fd00::1]:80".
struct Ends {
  std::string host;
  std::string client;
  std::string server;
};

enum class Protocol { kUnknown, kHttp, kLines };

// What the first bytes of a connection look like; kUnknown: more bytes are needed to tell.
Protocol guess_protocol(std::string_view bytes);

struct HttpAnswer {
  std::string bytes;
  size_t consumed = 0;  // of the input
  bool close = false;
};

// The answer to the first whole HTTP request in `bytes`; nothing while it is not whole. /health
// answers "ok", any other path the host's name, both ends and the request itself.
std::optional<HttpAnswer> answer_http(std::string_view bytes, const Ends& ends);

// The answer to a datagram, or to a piece of a TCP stream that is not HTTP: `HOST CLIENT TEXT`.
std::string answer_text(std::string_view text, const Ends& ends);

}  // namespace skiff::echo
