// SPDX-License-Identifier: Apache-2.0
// The server on a unix socket.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/http/fixture.h"

namespace skiff::http {
namespace {

using UnixServer = HttpTest;

std::string socket_path() {
  return fmt::format("{}skiff-http-{}.sock", testing::TempDir(), ::getpid());
}

TEST_F(UnixServer, AnswersItsOwnerAlone) {
  const std::string path = socket_path();
  const auto server = serve({.address = "unix:" + path}, false);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(server->port(), 0);
  const auto asking = Client::make(loop_.get_executor(), {.host = "unix:" + path});
  run([&]() -> awaitable<void> {
    const auto response = co_await asking->fetch(get("/hello"));
    EXPECT_TRUE(response.ok()) << message(response.status());
    EXPECT_EQ(response->body_text(), "hello GET");
  });
}

TEST_F(UnixServer, TakesThePlaceOfOneThatDied) {
  const std::string path = socket_path();
  const auto before = serve({.address = "unix:" + path}, false);
  const auto now = serve({.address = "unix:" + path}, false);
  EXPECT_NE(now, nullptr);
}

TEST_F(UnixServer, APathThatIsTooLongIsNamed) {
  const auto failed = Server::listen(
      loop_.get_executor(), {.address = "unix:/" + std::string(200, 'x')}, nullptr, routes_);
  EXPECT_EQ(failed.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(message(failed.status())), testing::HasSubstr("too long"));
}

}  // namespace
}  // namespace skiff::http
