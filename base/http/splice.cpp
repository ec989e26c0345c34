// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/http/message.h"

namespace skiff::http {
namespace {

constexpr size_t kBufferBytes = 32 * 1024;

// One direction. The end of `from` ends only our direction of `to`; a failure ends both.
awaitable<void> copy(ByteStream& from, ByteStream& to) {
  std::string buffer(kBufferBytes, '\0');
  for (;;) {
    const Result<size_t> got = co_await from.read(asio::buffer(buffer));
    if (!got.ok()) break;
    if (*got == 0) {
      co_await to.shutdown();
      co_return;
    }
    const Status sent = co_await to.write(asio::buffer(buffer.data(), *got));
    if (!sent.ok()) break;
  }
  from.close();
  to.close();
}

}  // namespace

awaitable<void> splice(ByteStream& a, ByteStream& b) {
  using asio::experimental::awaitable_operators::operator&&;
  co_await (copy(a, b) && copy(b, a));
  a.close();
  b.close();
}

}  // namespace skiff::http
