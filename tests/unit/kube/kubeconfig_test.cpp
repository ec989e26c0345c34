// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <gmock/gmock.h>
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

TEST_F(ServiceAccount, SeveralFilesAreOneAndTheFirstThatSaysSomethingWins) {
  write("one", R"(
users: [{name: u, user: {tokenFile: token}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
)");
  write("two", R"(
clusters: [{name: c, cluster: {server: "https://h:1"}}]
users: [{name: u, user: {token: other}}]
current-context: y
)");
  const std::string list = fmt::format("{0}/one:{0}/missing::{0}/two", directory_.string());
  const auto endpoint = load_kubeconfig(list);
  ASSERT_TRUE(endpoint.ok()) << message(endpoint.status());
  EXPECT_EQ(endpoint->host, "h");
  EXPECT_EQ(endpoint->token, "first") << "relative to its own file";
  EXPECT_EQ(load_kubeconfig("/none/a:/none/b").status().code(), StatusCode::kNotFound);
}

TEST_F(ServiceAccount, TheDefaultIsWhatTheEnvironmentSays) {
  ::setenv("KUBECONFIG", "/a:/b", 1);
  EXPECT_EQ(default_kubeconfig(), "/a:/b");
  ::unsetenv("KUBECONFIG");
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(default_kubeconfig(), "/home/me/.kube/config");
}

// As managed clusters write it.
class ExecPluginTest : public ServiceAccount {
 protected:
  Result<ApiEndpoint> run(const std::string& script) {
    write("plugin", ("#!/bin/sh\n" + script).c_str());
    std::filesystem::permissions(directory_ / "plugin", std::filesystem::perms::owner_all);
    write("config", R"(
clusters: [{name: c, cluster: {server: "https://h:1"}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin,
  args: [get token], env: [{name: PROFILE, value: mine}], installHint: install it}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
)");
    ASSIGN_OR_RETURN(ApiEndpoint endpoint, load_kubeconfig(directory_ / "config"));
    EXPECT_TRUE(endpoint.token.empty()) << "reading a file runs nothing";
    RETURN_IF_ERROR(run_exec_plugin(endpoint));
    return endpoint;
  }
};

TEST_F(ExecPluginTest, GivesATokenOrACertificate) {
  const auto token =
      run(R"(echo '{"kind":"ExecCredential","status":{"token":"'"$PROFILE $1"'"}}')");
  ASSERT_TRUE(token.ok()) << message(token.status());
  EXPECT_EQ(token->token, "mine get token");
  const auto certificate = run(R"(case $KUBERNETES_EXEC_INFO in
    *client.authentication.k8s.io/v1*) printf %s '{"kind":"ExecCredential","status":{
      "clientCertificateData":"-----BEGIN\nx","clientKeyData":"key"}}';; esac)");
  ASSERT_TRUE(certificate.ok()) << message(certificate.status());
  EXPECT_EQ(certificate->client_certificate, "-----BEGIN\nx");
  EXPECT_EQ(certificate->client_key, "key");
}

TEST_F(ExecPluginTest, SaysWhatIsWrongWithIt) {
  const auto told = [this](const std::string& script) {
    return std::string(message(run(script).status()));
  };
  EXPECT_THAT(told("echo log in first >&2; exit 1"), testing::HasSubstr("log in first"));
  EXPECT_THAT(told("exit 1"), testing::HasSubstr("install it"));
  EXPECT_THAT(told("echo '{}'"), testing::HasSubstr("no ExecCredential"));
  EXPECT_THAT(told(R"(echo '{"kind":"ExecCredential","status":{}}')"),
              testing::HasSubstr("neither a token nor a certificate"));
  EXPECT_THAT(told("echo '{'"), testing::HasSubstr("plugin"));
}

}  // namespace
}  // namespace skiff::kube
