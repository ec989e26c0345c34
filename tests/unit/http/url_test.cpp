// SPDX-License-Identifier: Apache-2.0
#include "base/http/url.h"

#include <gtest/gtest.h>

namespace skiff::http {
namespace {

TEST(Url, IsReadAndWrittenBack) {
  const struct {
    std::string text;
    std::string host;
    uint16_t port;
    std::string target;
  } cases[] = {
      {"http://10.0.0.1", "10.0.0.1", 80, "/"},
      {"https://example.com/a%20b?q=1#part", "example.com", 443, "/a%20b?q=1"},
      {"http://[fd00::2]:8080/x", "fd00::2", 8080, "/x"},
      {"HTTP://host?only=query", "host", 80, "/?only=query"},
  };
  for (const auto& [text, host, port, target] : cases) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url.ok()) << message(url.status());
    EXPECT_EQ(url->host, host) << text;
    EXPECT_EQ(url->port, port) << text;
    EXPECT_EQ(url->target, target) << text;
    EXPECT_EQ(parse_url(url->text())->text(), url->text());
  }
}

TEST(Url, OfAnotherKindIsRefused) {
  for (const char* bad : {"", "/path", "host:80", "ftp://host/", "http://", "http://:80/",
                          "http://h:70000/", "http://h:0/", "http://[::1/", "http://a b/"})
    EXPECT_FALSE(parse_url(bad).ok()) << bad;
  EXPECT_EQ(message(parse_url("ftp://x/").status()), "\"ftp://x/\" is no http URL");
}

TEST(Url, FollowsAReference) {
  const Url base = *parse_url("http://pod:8080/a/b?x=1");
  const struct {
    std::string reference;
    std::string leads_to;
  } cases[] = {
      {"/health", "http://pod:8080/health"}, {"c", "http://pod:8080/a/c"},
      {"../c?d=1", "http://pod:8080/c?d=1"}, {"?y=2", "http://pod:8080/a/b?y=2"},
      {"//other/z", "http://other:80/z"},    {"https://pod/z", "https://pod:443/z"},
      {"", "http://pod:8080/a/b?x=1"},
  };
  for (const auto& [reference, leads_to] : cases) {
    const auto url = resolve_url(base, reference);
    ASSERT_TRUE(url.ok()) << reference;
    EXPECT_EQ(url->text(), leads_to) << reference;
  }
  EXPECT_FALSE(resolve_url(base, "http://a b/").ok());
  EXPECT_FALSE(resolve_url(base, "mailto:x@y").ok());
}

}  // namespace
}  // namespace skiff::http
