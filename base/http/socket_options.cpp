// SPDX-License-Identifier: Apache-2.0
#include "base/http/socket_options.h"

#include <netinet/tcp.h>

namespace skiff::http {
namespace {

using Socket = asio::generic::stream_protocol::socket;

template <int Name>
void set(Socket& socket, int value) {
  boost::system::error_code ignored;
  socket.set_option(asio::detail::socket_option::integer<IPPROTO_TCP, Name>(value), ignored);
}

}  // namespace

void watch_liveness(Socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  set<TCP_NODELAY>(socket, 1);
  set<TCP_KEEPIDLE>(socket, 15);
  set<TCP_KEEPINTVL>(socket, 15);
  set<TCP_KEEPCNT>(socket, 3);
  set<TCP_USER_TIMEOUT>(socket, 60'000);
}

std::string error_text(const boost::system::error_code& error) {
  std::string text = error.message();
  // "Connection refused", but not "SSL error".
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') {
    text[0] = static_cast<char>(text[0] + 32);
  }
  return text;
}

}  // namespace skiff::http
