// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace skiff::kube {
namespace {

// The decoder writes five bytes for these seven characters, beyond whole groups of four.
TEST(Kubeconfig, TakesBase64WithoutPadding) {
  const std::filesystem::path path = testing::TempDir() + "skiff-kubeconfig-test";
  ASSERT_TRUE(write_file_atomic(path, R"(
clusters: [{name: c, cluster: {server: "https://h:1", certificate-authority-data: aGVsbG8}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
)")
                  .ok());
  const auto endpoint = load_kubeconfig(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(endpoint.ok()) << message(endpoint.status());
  EXPECT_EQ(endpoint->ca, "hello");
  EXPECT_EQ(endpoint->host, "h");
}

// A directory as a pod finds its service account in.
class ServiceAccount : public testing::Test {
 protected:
  ServiceAccount() : directory_(testing::TempDir() + "skiff-service-account") {
    std::filesystem::create_directories(directory_);
    write("ca.crt", "a CA");
    write("token", "first\n");
  }
  ~ServiceAccount() override { std::filesystem::remove_all(directory_); }
  void write(const char* file, const char* text) {
    ASSERT_TRUE(write_file_atomic(directory_ / file, text).ok());
  }
  std::filesystem::path directory_;
};

TEST_F(ServiceAccount, IsTheCredentialInsideAPod) {
  const auto endpoint = in_cluster_endpoint("https://api.example:6443", directory_);
  ASSERT_TRUE(endpoint.ok()) << message(endpoint.status());
  EXPECT_EQ(endpoint->host, "api.example");
  EXPECT_EQ(endpoint->port, 6443);
  EXPECT_EQ(endpoint->ca, "a CA");
  EXPECT_EQ(endpoint->token, "first");
  EXPECT_EQ(in_cluster_endpoint("10.0.0.1", directory_)->port, 443);
}

TEST_F(ServiceAccount, ItsTokenIsReadAgainEveryMinuteAndWhenRefused) {
  using namespace std::chrono_literals;
  const BearerToken::Time start{1h};
  BearerToken token("first", directory_ / "token", start);
  write("token", "second\n");
  EXPECT_EQ(token.current(start + 59s), "first");
  EXPECT_EQ(token.current(start + 60s), "second");
  write("token", "third");
  token.refused();
  EXPECT_EQ(token.current(start + 61s), "third");
  write("token", "");
  EXPECT_EQ(token.current(start + 3min), "third");
  std::filesystem::remove(directory_ / "token");
  EXPECT_EQ(token.current(start + 5min), "third");
}

TEST_F(ServiceAccount, AKubeconfigMayNameATokenFile) {
  write("config", R"(
clusters: [{name: c, cluster: {server: "https://h:1"}}]
users: [{name: u, user: {tokenFile: token}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
)");
  const auto endpoint = load_kubeconfig(directory_ / "config");
  ASSERT_TRUE(endpoint.ok()) << message(endpoint.status());
  EXPECT_EQ(endpoint->token, "first");
  EXPECT_EQ(endpoint->token_file, directory_ / "token");
}

}  // namespace
}  // namespace skiff::kube
